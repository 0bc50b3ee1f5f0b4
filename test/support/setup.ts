import { join } from 'node:path'
import { type SetupOptions, type SetupResult, setupDatabase } from '../../src/lib/setup/setup-database.ts'
import { parseConnectionUrl } from '../../src/lib/target/connection-url.ts'
import { runSql } from './database.ts'
import { scriptFolder, writeFiles } from './script-folder.ts'

/** A project of the running test with a schema, a seed and what they read, and a database that it sets up. */
export class SetupProject {
  readonly directory: string
  readonly url: string

  /** @param files `schema.sql`, `seed.sql` and others */
  constructor(url: string, files: Readonly<Record<string, string>>) {
    this.directory = scriptFolder(files)
    this.url = url
  }

  /** Changes a file. */
  write(name: string, text: string): void {
    writeFiles(this.directory, { [name]: text })
  }

  /** Sets the database up, as `db setup` does in the project's folder. */
  setup(options: Partial<SetupOptions> & { url?: string } = {}): Promise<SetupResult> {
    const { url = this.url, ...given } = options
    return setupDatabase({
      target: parseConnectionUrl(url),
      directory: this.directory,
      schema: ['schema.sql'],
      seed: ['seed.sql'],
      project: join(this.directory, 'project'),
      ...given,
    })
  }
}

/** The cached databases of a server, of all projects. */
export async function cachedDatabases(serverUrl: string): Promise<string[]> {
  const sql =
    "SELECT datname::text AS name FROM pg_database WHERE datname LIKE 'cruddur\\_cache\\_%' ORDER BY 1"
  return (await runSql(serverUrl, sql)).map(({ name }) => name ?? '')
}

/** The cached databases of the running test's project: those that were not there before. */
export async function keptSince(serverUrl: string, before: readonly string[]): Promise<string[]> {
  return (await cachedDatabases(serverUrl)).filter((name) => !before.includes(name))
}
