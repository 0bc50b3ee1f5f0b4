import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findPassword } from '../../../src/lib/config/password-file.ts'
import { connect } from '../../../src/lib/postgres/connect.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { makeProject, type TestProjectFolder } from '../../support/cli.ts'
import { runSql } from '../../support/database.ts'
import { TEST_MAJOR } from '../../support/major.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { runPsql } from '../../support/psql.ts'

const hasPsql = spawnSync('psql', ['--version']).status === 0

let server: PostgresServer
let project: TestProjectFolder

beforeAll(async () => {
  project = makeProject()
  server = await startPostgres({ major: TEST_MAJOR, auth: 'scram-sha-256' })
  await runSql(server.url, String.raw`CREATE ROLE "m:e" LOGIN PASSWORD 'a:b\c:'`)
})

afterAll(async () => {
  await server?.stop()
  project.remove()
})

async function connects(file: string): Promise<boolean> {
  const target = parseConnectionUrl(`postgres://m%3Ae@127.0.0.1:${server.port}/postgres`)
  try {
    const connection = await connect({ ...target, password: findPassword(file, target) })
    await connection.close()
    return true
  } catch {
    return false
  }
}

async function psqlConnects(file: string): Promise<boolean> {
  const env = { PGPASSFILE: file, PGUSER: 'm:e', PGHOST: '127.0.0.1', PGPORT: String(server.port) }
  const { code } = await runPsql(['-d', 'postgres', '-w', '-c', 'SELECT 1'], { env })
  return code === 0
}

test.skipIf(!hasPsql).each([
  [true, String.raw`*:*:*:*:a\:b\\c\:`],
  [true, String.raw`127.0.0.1:*:postgres:m\:e:a\:b\\c\:`],
  [true, String.raw`*:*:*:m\:e:a\:b\\c\:` + '\r\n'],
  [true, String.raw`*:*:*:*:\a\:\b\\\c\::and more`],
  [true, String.raw`*:*:*:other:x` + '\n' + String.raw`*:*:*:*:a\:b\\c\:`],
  [false, String.raw`*:*:*:*:a\:b\\c:`],
  [false, String.raw`*:*:*:*:a:b\\c:`],
  [true, String.raw`*:*:*:m:e:a\:b\\c\:`],
  [false, String.raw`*:*:*:m:a\:b\\c\:`],
  [false, String.raw`localhost:*:*:*:a\:b\\c\:`],
  [false, String.raw`\*:*:*:*:a\:b\\c\:`],
  [false, String.raw`*:*:*:*:wrong` + '\n' + String.raw`*:*:*:*:a\:b\\c\:`],
  [false, String.raw`*:*:*:*`],
])('it is %s, for psql as for us, that we get in with %j', async (expected, text) => {
  const file = join(project.path, 'pgpass')
  writeFileSync(file, text)
  chmodSync(file, 0o600)
  expect(await psqlConnects(file)).toBe(expected)
  expect(await connects(file)).toBe(expected)
})
