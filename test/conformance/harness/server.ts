import { chownSync, cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { SystemUser } from '../../../src/lib/server/passwd.ts'
import { chownTree } from '../../support/cluster-template.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'

/** What the records were made with; no autovacuum, because its sessions would count as sessions of a case. */
const SETTINGS = {
  TimeZone: 'UTC',
  lc_messages: 'C',
  max_prepared_transactions: '0',
  autovacuum: 'off',
}

/** Linux' file system in memory. */
const MEMORY = '/dev/shm'

/** A server that belongs to the cases alone. */
export interface ConformanceServer {
  /** Of the database `postgres`. */
  url: string
  stop(): Promise<void>
}

/**
 * Starts a throw-away server of a major version. Every case makes a database, some 300 files: on a disk that takes up
 * to a quarter of a second, so the databases lie in memory where that is possible.
 */
export async function startConformanceServer(major: number): Promise<ConformanceServer> {
  let folder: string | undefined
  const removeFolder = () => folder !== undefined && rmSync(folder, { recursive: true, force: true })
  // a test run that is broken off stops nothing, but memory must not fill up
  process.once('exit', removeFolder)
  let server: PostgresServer
  try {
    server = await startPostgres({
      major,
      settings: SETTINGS,
      prepare(dataDirectory, user) {
        if (existsSync(MEMORY)) folder = moveToMemory(join(dataDirectory, 'base'), user)
      },
    })
  } catch (error) {
    removeFolder()
    throw error
  }
  return {
    url: `${server.url}?sslmode=disable`,
    async stop() {
      await server.stop()
      removeFolder()
      process.off('exit', removeFolder)
    },
  }
}

/** Moves a folder of the data directory to the file system in memory and leaves a link to it. */
function moveToMemory(path: string, user: SystemUser | undefined): string {
  const folder = mkdtempSync(join(MEMORY, 'cruddur-conformance-'))
  const moved = join(folder, 'base')
  cpSync(path, moved, { recursive: true })
  if (user) {
    chownTree(moved, user)
    chownSync(folder, user.uid, user.gid)
  }
  rmSync(path, { recursive: true })
  symlinkSync(moved, path)
  return folder
}
