import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Writes lines to a file without holding them in memory. */
async function writeLines(path, lines) {
  const stream = createWriteStream(path)
  for (const line of lines) if (!stream.write(`${line}\n`)) await once(stream, 'drain')
  stream.end()
  await once(stream, 'close')
  return path
}

function* schema(statements) {
  for (let i = 0; i < statements / 4; i++) {
    yield `CREATE TABLE t${i} (id serial PRIMARY KEY, name text NOT NULL DEFAULT 'x', at timestamptz DEFAULT now());`
    yield `CREATE INDEX t${i}_name ON t${i} (name);`
    yield `ALTER TABLE t${i} ADD CONSTRAINT t${i}_check CHECK (id > 0);`
    yield `COMMENT ON TABLE t${i} IS 'table ${i}';`
  }
}

function* inserts(rows) {
  yield 'CREATE TABLE t (id int, name text, amount numeric, at timestamptz);'
  for (let i = 0; i < rows; i++)
    yield `INSERT INTO t VALUES (${i}, 'name ${i}', ${i}.25, '2026-01-01 00:00:00+00');`
}

function* copy(rows) {
  yield 'CREATE TABLE t (id int, name text, amount numeric, at timestamptz, note text);'
  yield 'COPY t FROM stdin;'
  for (let i = 0; i < rows; i++)
    yield `${i}\tname of number ${i}\t${i}.25\t2026-01-01 00:00:00+00\tsome note that makes the row a bit longer ${i % 97}`
  yield '\\.'
}

/** Makes the generated scripts in a folder of their own; `remove` takes them away. */
export async function makeScripts() {
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-bench-'))
  const file = (name) => join(folder, name)
  return {
    folder,
    schema: await writeLines(file('schema.sql'), schema(500)),
    inserts: await writeLines(file('inserts.sql'), inserts(200_000)),
    copy: await writeLines(file('copy.sql'), copy(2_000_000)),
    slowSeed: await writeLines(file('slow-seed.sql'), [
      'SELECT pg_sleep(10);',
      'CREATE TABLE slow AS SELECT 1 AS a;',
    ]),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
