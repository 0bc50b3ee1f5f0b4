import { expect, test } from 'vitest'
import { withDatabase } from '../../support/database.ts'
import { loadFiles, loadText, scriptErrorOf } from '../../support/load.ts'

/** The character above the caret, and the line that is shown. */
function pointedAt(context: string | undefined): { character: string | undefined; line: string | undefined } {
  const [line = '', caret = ''] = context?.split('\n') ?? []
  return { character: Array.from(line)[Array.from(caret).indexOf('^')], line }
}

test.for([
  { name: 'in a short line', script: "SELECT 'é', Ü;", line: "1 | SELECT 'é', Ü;" },
  { name: 'in a line with tabs', script: "\tSELECT\t'é',\tÜ;", line: "1 |  SELECT 'é', Ü;" },
  { name: 'in a line with CRLF', script: "SELECT 1;\r\nSELECT 'é', Ü;\r\n", line: "2 | SELECT 'é', Ü;" },
  { name: 'behind a byte order mark', script: '\ufeffSELECT Ü;', line: '1 | SELECT Ü;' },
  {
    name: 'on a line with a number of several digits',
    script: `${'\n'.repeat(1233)}SELECT Ü;`,
    line: '1234 | SELECT Ü;',
  },
])('the caret stands below the character at fault $name', async ({ script, line }) => {
  await withDatabase(async (url) => {
    const { context } = await scriptErrorOf(loadText(url, script))
    expect(pointedAt(context)).toEqual({ character: 'Ü', line })
  })
})

test.for([1000, 1_000_000])(
  'of a line with %i characters on each side, only the neighbourhood is shown',
  async (width) => {
    await withDatabase(async (url) => {
      const script = `SELECT '${'ä'.repeat(width)}', Ü, '${'ö'.repeat(width)}';`
      const { context } = await scriptErrorOf(loadText(url, script))
      const line = `1 | ${'ä'.repeat(57)}', Ü, '${'ö'.repeat(56)}`
      expect(pointedAt(context)).toEqual({ character: 'Ü', line })
    })
  },
)

test('a statement that begins on another line is mentioned', async () => {
  await withDatabase(async (url) => {
    const { context } = await scriptErrorOf(loadText(url, '\nSELECT\n  x;\n'))
    expect(context).toBe('3 |   x;\n      ^\nin the statement that begins on line 2')
  })
})

test('the files that include the one at fault are listed', async () => {
  await withDatabase(async (url) => {
    const files = { 'a.sql': '\n\\i b.sql\n', 'b.sql': '\\i c.sql\n', 'c.sql': 'SELECT x;\n' }
    const { context } = await scriptErrorOf(loadFiles(url, files))
    expect(context).toBe('1 | SELECT x;\n           ^\nincluded from b.sql:1\nincluded from a.sql:2')
  })
})

test('what the server says besides is there: detail, inner query and context', async () => {
  await withDatabase(async (url) => {
    const script = `CREATE TABLE t (a int UNIQUE);
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN INSERT INTO t VALUES (1), (1); END $$;
SELECT f();`
    const { context } = await scriptErrorOf(loadText(url, script))
    expect(context).toBe(`3 | SELECT f();
    ^
Detail: Key (a)=(1) already exists.
Context: SQL statement "INSERT INTO t VALUES (1), (1)"
PL/pgSQL function f() line 1 at SQL statement`)
  })
})

test('of a long statement the beginning is repeated', async () => {
  await withDatabase(async (url) => {
    const error = await scriptErrorOf(loadText(url, `SELECT '${'é'.repeat(5000)}', x`))
    expect(error.statement?.text).toBe(`SELECT '${'é'.repeat(492)}…`)
  })
})

test('the message begins with the place and ends with the SQLSTATE', async () => {
  await withDatabase(async (url) => {
    const error = await scriptErrorOf(loadText(url, 'SELECT\n  x;'))
    expect(error.message).toBe('script.sql:2:3: column "x" does not exist (SQLSTATE 42703)')
  })
})
