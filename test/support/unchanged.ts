import { expect } from 'vitest'
import { parseConnectionUrl } from '../../src/lib/target/connection-url.ts'
import { type Digest, digestOf } from '../conformance/harness/digest.ts'
import { runSql } from './database.ts'
import { plainStateOf } from './plain-state.ts'

/** First version that the digest can be taken of, as `server_version_num` counts. */
const DIGEST_SINCE = 140_000

/** What a database holds: its catalog and its rows. */
export async function stateOf(url: string): Promise<Digest> {
  const target = parseConnectionUrl(url)
  const [row] = await runSql(url, 'SHOW server_version_num')
  if (Number(row?.['server_version_num']) < DIGEST_SINCE) return plainStateOf(url)
  return digestOf(target, target.database)
}

/** Waits until nobody else is connected to the database of the URL. */
export async function expectNoSessions(url: string): Promise<void> {
  const others = `SELECT pid, state, query FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`
  await expect.poll(() => runSql(url, others), { timeout: 30_000 }).toEqual([])
}

/** Runs the work, which must leave the database as it was, and no session in it. */
export async function expectUnchanged<T>(url: string, work: () => Promise<T>): Promise<T> {
  const before = await stateOf(url)
  const result = await work()
  await expectNoSessions(url)
  expect(await stateOf(url)).toEqual(before)
  return result
}
