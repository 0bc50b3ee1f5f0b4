import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { runSql, withDatabase } from '../../support/database.ts'
import { runPsql } from '../../support/psql.ts'

const hasPsql = spawnSync('psql', ['--version']).status === 0

const WHO = "SELECT current_user AS u, current_database() AS d, current_setting('application_name') AS a"

/** `{…}` stands for the parts of the server that the tests share. */
test.skipIf(!hasPsql).each([
  ['everything before the ?', 'postgres://{user}@{host}:{port}/{database}?application_name=x'],
  ['host and port as parameters', 'postgres://{user}@/{database}?host={host}&port={port}&application_name=x'],
  [
    'a parameter against the host',
    'postgres://{user}@h.invalid:{port}/{database}?host={host}&application_name=x',
  ],
  ['a parameter against the port', 'postgres://{user}@{host}:1/{database}?port={port}&application_name=x'],
  [
    'a parameter against the user',
    'postgres://nobody@{host}:{port}/{database}?user={user}&application_name=x',
  ],
  [
    'a parameter against the database',
    'postgres://{user}@{host}:{port}/no?dbname={database}&application_name=x',
  ],
  [
    'the same parameter twice',
    'postgres://{user}@{host}:{port}/{database}?application_name=y&application_name=x',
  ],
  ['a plus sign', 'postgres://{user}@{host}:{port}/{database}?application_name=x+y'],
  ['an encoded name', 'postgres://{user}@{host}:{port}/{database}?application%5Fname=x'],
])('psql understands %s as we do', async (_, pattern) => {
  await withDatabase(async (own) => {
    const server = parseConnectionUrl(own)
    const parts = new Map<string, unknown>(Object.entries(server))
    const url = pattern.replaceAll(/\{(\w+)\}/g, (__, name: string) => String(parts.get(name)))
    const psql = await runPsql([url, '-At', '-c', WHO], {
      env: server.password === undefined ? {} : { PGPASSWORD: server.password },
    })
    const password = server.password === undefined ? '' : `&password=${server.password}`
    const [row] = await runSql(url + password, WHO)
    expect(`${row?.['u']}|${row?.['d']}|${row?.['a']}\n`).toBe(psql.stdout)
    expect(psql.code).toBe(0)
  })
})
