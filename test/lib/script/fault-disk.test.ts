import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runSql, withDatabase } from '../../support/database.ts'
import { copyScript, insertScript } from '../../support/generated-script.ts'
import { loadText, scriptErrorOf } from '../../support/load.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { smallDisk } from '../../support/tmpfs.ts'
import { expectUnchanged } from '../../support/unchanged.ts'

/** A server whose new tables lie on a disk of eight megabytes. */
async function cramped(skip: (reason: string) => void): Promise<PostgresServer> {
  const disk = smallDisk(8 * 1024 * 1024, skip)
  const location = join(disk, 'tables')
  mkdirSync(location)
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  if (server.runsAs) chownSync(location, server.runsAs.uid, server.runsAs.gid)
  await runSql(server.url, `CREATE TABLESPACE cramped LOCATION '${location}'`)
  await runSql(server.url, 'ALTER SYSTEM SET default_tablespace = cramped')
  await runSql(server.url, 'SELECT pg_reload_conf()')
  return server
}

test.for([
  { name: 'a COPY', script: copyScript(400_000), line: 2 },
  { name: 'INSERTs', script: insertScript(200_000), line: undefined },
])(
  "the server's disk fills up during $name: the database is as it was",
  async ({ script, line }, { skip }) => {
    const server = await cramped(skip)
    await withDatabase(async (url) => {
      const error = await expectUnchanged(url, () => scriptErrorOf(loadText(url, script)))
      expect(error).toMatchObject({ code: 'SQL_ERROR', kind: 'failed', sqlstate: '53100' })
      if (line !== undefined) expect(error.location?.line).toBe(line)
    }, server.url)
  },
)
