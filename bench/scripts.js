import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

/** Writes lines to a file without holding them in memory; returns its path. */
export async function writeLines(path, lines) {
  const stream = createWriteStream(path)
  for (const line of lines) if (!stream.write(`${line}\n`)) await once(stream, 'drain')
  stream.end()
  await once(stream, 'close')
  return path
}

/** A schema of so many statements, a multiple of four: tables, indexes, constraints, comments. */
export function* schemaLines(statements) {
  for (let i = 0; i < statements / 4; i++) {
    yield `CREATE TABLE t${i} (id serial PRIMARY KEY, name text NOT NULL DEFAULT 'x', at timestamptz DEFAULT now());`
    yield `CREATE INDEX t${i}_name ON t${i} (name);`
    yield `ALTER TABLE t${i} ADD CONSTRAINT t${i}_check CHECK (id > 0);`
    yield `COMMENT ON TABLE t${i} IS 'table ${i}';`
  }
}

/** A table `t` and an INSERT for each of its rows. */
export function* insertLines(rows) {
  yield 'CREATE TABLE t (id int, name text, amount numeric, at timestamptz);'
  for (let i = 0; i < rows; i++)
    yield `INSERT INTO t VALUES (${i}, 'name ${i}', ${i}.25, '2026-01-01 00:00:00+00');`
}

/** A table `t` and a COPY of its rows, about 108 bytes each. */
export function* copyLines(rows) {
  yield 'CREATE TABLE t (id int, name text, amount numeric, at timestamptz, note text);'
  yield 'COPY t FROM stdin;'
  for (let i = 0; i < rows; i++)
    yield `${i}\tname of number ${i}\t${i}.25\t2026-01-01 00:00:00+00\tsome note that makes the row a bit longer ${i % 97}`
  yield '\\.'
}
