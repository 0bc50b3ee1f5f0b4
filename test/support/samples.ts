import { existsSync } from 'node:fs'

/** Folder with sample databases of others: chinook.sql, northwind.sql, pagila-schema.sql, pagila-data.sql. */
export const SAMPLES_FOLDER = process.env['CRUDDUR_SAMPLES'] ?? '/work/shared/sql-samples'

/** Whether the samples are at hand. When the folder is there, a missing file is an error. */
export const HAVE_SAMPLES = existsSync(SAMPLES_FOLDER)

/** A sample database. */
export interface Sample {
  name: string
  scripts: readonly string[]
  /** The database that the scripts create and connect to, if they do. */
  ownDatabase?: string
  /** Has partitions: what pg_dump --clean writes to drop them fails, in psql too (as of pg_dump 15). */
  partitioned?: boolean
}

export const SAMPLES: readonly Sample[] = [
  { name: 'Chinook', scripts: ['chinook.sql'], ownDatabase: 'chinook' },
  { name: 'Northwind', scripts: ['northwind.sql'] },
  { name: 'Pagila', scripts: ['pagila-schema.sql', 'pagila-data.sql'], partitioned: true },
]
