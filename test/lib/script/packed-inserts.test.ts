import { expect, test } from 'vitest'
import { GROUP_BYTES } from '../../../src/lib/script/group-buffer.ts'
import { withDatabase } from '../../support/database.ts'
import { loadText, scriptErrorOf } from '../../support/load.ts'

/** So many INSERTs in a row that most of them share messages (from the 65th on, some 32 KB each). */
const INSERTS = 3000
const TABLE = 'CREATE TABLE t (a int PRIMARY KEY, b text);'

/** A script with one INSERT a line behind the table's line; `other` replaces some by their line's number. */
function insertsWith(other: Readonly<Record<number, string>>): string {
  const lines = Array.from(
    { length: INSERTS },
    (_, index) => other[index + 2] ?? `INSERT INTO t VALUES (${index}, 'é😀');`,
  )
  return [TABLE, ...lines, ''].join('\n')
}

/** The line of the first INSERT that shares a message, and of the last one in the first such message. */
const [FIRST, LAST] = firstMessage()

function firstMessage(): [number, number] {
  const texts = insertsWith({}).split('\n')
  let bytes = 0
  let line = 66
  for (; bytes < GROUP_BYTES; line++) bytes += Buffer.byteLength(texts[line - 1] ?? '')
  return [66, line - 1]
}

/** In and around the first shared message, in a later one, and the very last. */
const LINES = [2, FIRST - 1, FIRST, FIRST + 1, FIRST + 300, LAST - 1, LAST, LAST + 1, LAST + 2, INSERTS + 1]

test.for(LINES)('an INSERT that fails when it is read is named: line %i', async (line) => {
  await withDatabase(async (url) => {
    const error = await scriptErrorOf(
      loadText(url, insertsWith({ [line]: "INSERT INTO t VALUES (1, 'é', x);" })),
    )
    expect(error.location).toEqual({ file: 'script.sql', line, column: 31 })
  })
})

test.for(LINES)('an INSERT with a syntax error is named: line %i', async (line) => {
  await withDatabase(async (url) => {
    const error = await scriptErrorOf(loadText(url, insertsWith({ [line]: "INSERT INTO t VALUES ('é' 1);" })))
    expect(error.location).toEqual({ file: 'script.sql', line, column: 27 })
  })
})

test.for(LINES)('an INSERT that fails when it is run is named: line %i', async (line) => {
  await withDatabase(async (url) => {
    const error = await scriptErrorOf(loadText(url, insertsWith({ [line]: 'INSERT INTO t VALUES (NULL);' })))
    expect(error.location).toEqual({ file: 'script.sql', line, column: 1 })
  })
})

test('of two INSERTs with the same text the one that fails is named', async () => {
  await withDatabase(async (url) => {
    const twice = 'INSERT INTO t VALUES (-1);'
    const error = await scriptErrorOf(loadText(url, insertsWith({ 1000: twice, 1003: twice })))
    expect(error.location?.line).toBe(1003)
  })
})

test('of several on a line the column tells which', async () => {
  await withDatabase(async (url) => {
    const script = `${TABLE}\n${'INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING;'.repeat(500)} INSERT INTO t VALUES (1);`
    const error = await scriptErrorOf(loadText(url, script))
    expect(error.location).toEqual({ file: 'script.sql', line: 2, column: 500 * 48 + 2 })
  })
})

test('an error of a trigger behind many INSERTs has the right one', async () => {
  await withDatabase(async (url) => {
    const trigger = `CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS
 'BEGIN IF new.a = 1500 THEN RAISE ''no''; END IF; RETURN new; END';
 CREATE TRIGGER no BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION no();`
    const error = await scriptErrorOf(loadText(url, insertsWith({ 2: trigger })))
    expect(error.statement?.text).toContain('(1500,')
  })
})

test('the INSERTs before one that fails are not kept', async () => {
  await withDatabase(async (url) => {
    const { sqlstate } = await scriptErrorOf(
      loadText(url, insertsWith({ 3000: 'INSERT INTO t VALUES (1);' })),
    )
    expect(sqlstate).toBe('23505')
    expect((await scriptErrorOf(loadText(url, 'SELECT * FROM t;'))).sqlstate).toBe('42P01')
  })
})

test('INSERTs with a statement that is none in between are all run, in their order', async () => {
  await withDatabase(async (url) => {
    const { statements } = await loadText(
      url,
      insertsWith({ 1500: 'UPDATE t SET b = b || a;', 2500: 'DELETE FROM t;' }),
    )
    expect(statements).toBe(INSERTS + 1)
    await loadText(url, "DO $$ BEGIN IF (SELECT count(*) FROM t) <> 501 THEN RAISE 'wrong'; END IF; END $$;")
  })
})
