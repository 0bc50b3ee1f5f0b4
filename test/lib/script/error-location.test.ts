import { gzipSync } from 'node:zlib'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { withDatabase } from '../../support/database.ts'
import { failureOf, loadFiles, loadFrom, loadText, scriptErrorOf } from '../../support/load.ts'
import { scriptFolder } from '../../support/script-folder.ts'

/** A line that PostgreSQL takes, of about a megabyte. */
const LONG_LINE = `SELECT '${'x'.repeat(1024 * 1024)}'`

interface Case {
  name: string
  script: string | Buffer
  line: number
  column: number
}

const CASES: readonly Case[] = [
  { name: 'in the first line', script: 'SELECT x;\nSELECT 1;\n', line: 1, column: 8 },
  {
    name: 'in the last line, which has no line break',
    script: 'SELECT 1;\nSELECT 2, x',
    line: 2,
    column: 11,
  },
  { name: 'behind characters of two bytes', script: "SELECT 'éü', x;\n", line: 1, column: 14 },
  { name: 'behind an emoji', script: "\nSELECT '😀', x;\n", line: 2, column: 13 },
  { name: 'behind a letter with a combining accent', script: "SELECT 'e\u0301', x;", line: 1, column: 14 },
  { name: 'behind tabs', script: '\tSELECT\t1,\tx;', line: 1, column: 12 },
  { name: 'in a file with CRLF', script: "SELECT 1;\r\nSELECT\r\n  'é',\r\n  x;\r\n", line: 4, column: 3 },
  { name: 'behind a byte order mark', script: '\ufeffSELECT x;\n', line: 1, column: 8 },
  {
    name: 'some lines behind a byte order mark',
    script: '\ufeffSELECT 1;\n SELECT x;\n',
    line: 2,
    column: 9,
  },
  {
    name: 'at the end of a long line',
    script: `SELECT 1;\n${LONG_LINE}, x;\n`,
    line: 2,
    column: LONG_LINE.length + 3,
  },
  { name: 'behind a long line', script: `${LONG_LINE};\nSELECT x;\n`, line: 2, column: 8 },
  {
    name: 'behind a comment above the statement',
    script: '-- one\n/* two\n*/ SELECT x;',
    line: 3,
    column: 11,
  },
  { name: 'at the end of the statement', script: 'SELECT 1 +\n;\n', line: 2, column: 1 },
  { name: 'in a statement joined to another one', script: 'SELECT 1\\; SELECT é;\n', line: 1, column: 19 },
  {
    name: 'within what CREATE FUNCTION checks',
    script: 'CREATE FUNCTION f() RETURNS int LANGUAGE sql\nAS $$ SELECT\n x $$;',
    line: 3,
    column: 2,
  },
]

test.for(CASES)('the place is exact $name', async ({ script, line, column }) => {
  await withDatabase(async (url) => {
    const error = await scriptErrorOf(loadText(url, script))
    expect(error.location).toEqual({ file: 'script.sql', line, column })
  })
})

test.for(CASES)('the place is exact $name, one statement at a time', async ({ script, line, column }) => {
  await withDatabase(async (url) => {
    const error = await scriptErrorOf(loadText(url, script, { transaction: 'none' }))
    expect(error.location).toEqual({ file: 'script.sql', line, column })
  })
})

test.for([
  { what: 'a table that exists', sql: 'CREATE TABLE t ();', sqlstate: '42P07' },
  { what: 'a division by zero', sql: "UPDATE t SET a = 1 / (a - 1)\n WHERE 'é' <> '';", sqlstate: '22012' },
])('an error without a position names where its statement begins: $what', async ({ sql, sqlstate }) => {
  await withDatabase(async (url) => {
    const script = `CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\n/* é */\n  ${sql}\nSELECT 1;\n`
    const error = await scriptErrorOf(loadText(url, script))
    expect({ sqlstate: error.sqlstate, ...error.location }).toEqual({
      sqlstate,
      file: 'script.sql',
      line: 4,
      column: 3,
    })
  })
})

test('an error names the statement that it is in, from its first line on', async () => {
  await withDatabase(async (url) => {
    const error = await scriptErrorOf(loadText(url, 'SELECT 1;\n\n  SELECT 2,\n    x\n  FROM pg_class;\n'))
    expect(error.statement).toEqual({
      file: 'script.sql',
      line: 3,
      column: 3,
      text: 'SELECT 2,\n    x\n  FROM pg_class',
    })
  })
})

test('an error in an included file names that file and those that include it', async () => {
  await withDatabase(async (url) => {
    const files = {
      'main.sql': '-- é\n\\i parts/one.sql\n',
      'parts/one.sql': 'SELECT 1;\n\n  \\ir two.sql\n',
      'parts/two.sql': 'SELECT 1;\nSELECT\n x;\n',
    }
    const error = await scriptErrorOf(loadFiles(url, files))
    expect([error.location, ...error.includedFrom]).toEqual([
      { file: 'parts/two.sql', line: 3, column: 2 },
      { file: 'parts/one.sql', line: 3, column: 3 },
      { file: 'main.sql', line: 2, column: 1 },
    ])
  })
})

test('an error in the value of a variable names the place where the variable stands', async () => {
  await withDatabase(async (url) => {
    const script = "\\set list 'a, b, x'\nSELECT 'é',\n  :list\nFROM (SELECT 1 a, 2 b) t;\n"
    const error = await scriptErrorOf(loadText(url, script))
    expect(error.location).toEqual({ file: 'script.sql', line: 3, column: 3 })
  })
})

test('an error behind the value of a variable has its own place', async () => {
  await withDatabase(async (url) => {
    const script = "\\set n 'äöü'\nSELECT :'n', :'n', x;\n"
    const error = await scriptErrorOf(loadText(url, script))
    expect(error.location).toEqual({ file: 'script.sql', line: 2, column: 20 })
  })
})

test('an error in a compressed file has its place in the text', async () => {
  await withDatabase(async (url) => {
    const error = await scriptErrorOf(
      loadFiles(url, { 'dump.sql.gz': gzipSync("SELECT 1;\nSELECT 'é', x;\n") }),
    )
    expect(error.location).toEqual({ file: 'dump.sql.gz', line: 2, column: 13 })
  })
})

test('an error in a stream has its place, though the stream is over', async () => {
  await withDatabase(async (url) => {
    const stream = Readable.from([Buffer.from('SELECT 1;\nSEL'), Buffer.from('ECT x;\n')])
    const error = await scriptErrorOf(
      loadFrom(url, { directory: scriptFolder(), scripts: [{ name: '<stdin>', stream }] }),
    )
    expect(error.location).toEqual({ file: '<stdin>', line: 2, column: 8 })
  })
})

test('an error in COPY data names the COPY and says in which line of the data it is', async () => {
  await withDatabase(async (url) => {
    const script = 'CREATE TABLE t (a int);\n\nCOPY t FROM stdin;\n1\nx\n\\.\nSELECT 1;\n'
    const error = await scriptErrorOf(loadText(url, script))
    expect(error.location).toEqual({ file: 'script.sql', line: 3, column: 1 })
    expect(error.context).toContain('COPY t, line 2, column a: "x"')
  })
})

test('the second of several scripts is named', async () => {
  await withDatabase(async (url) => {
    const directory = scriptFolder({ 'a.sql': 'SELECT 1;\n', 'b.sql': '\nSELECT x;\n' })
    const error = await scriptErrorOf(loadFrom(url, { directory, scripts: ['a.sql', 'b.sql'] }))
    expect(error.location).toEqual({ file: 'b.sql', line: 2, column: 8 })
  })
})

test('an error in a LATIN1 script has its place', async () => {
  await withDatabase(async (url) => {
    const script = Buffer.from("SET client_encoding = 'LATIN1';\nSELECT '\u00e9\u00fc', x;\n", 'latin1')
    const error = await scriptErrorOf(loadText(url, script))
    expect(error.location).toEqual({ file: 'script.sql', line: 2, column: 14 })
  })
})

test('an error at COMMIT has no place in a script', async () => {
  await withDatabase(async (url) => {
    const script =
      'CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO t VALUES (1), (1);\n'
    const error = await failureOf(loadText(url, script))
    expect(error.details).toMatchObject({ sqlstate: '23505' })
    expect(error.details).not.toHaveProperty('line')
  })
})
