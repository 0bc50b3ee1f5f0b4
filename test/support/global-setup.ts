import type { TestProject } from 'vitest/node'
import { DEFAULT_MAJOR } from './embedded-postgres.ts'
import { startPostgres } from './postgres-server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Superuser's URL of the server that all tests share: each works in databases of its own. */
    serverUrl: string
  }
}

/**
 * One server for the whole run: the one that TEST_DATABASE_URL names, else an embedded one of the major that
 * TEST_POSTGRES_MAJOR names.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env['TEST_DATABASE_URL']
  if (given) {
    project.provide('serverUrl', given)
    return undefined
  }
  const major = Number(
    project.config.env?.['TEST_POSTGRES_MAJOR'] ?? process.env['TEST_POSTGRES_MAJOR'] ?? DEFAULT_MAJOR,
  )
  const server = await startPostgres({ major, settings: { max_connections: '200' } })
  project.provide('serverUrl', server.url)
  return () => server.stop()
}
