import type { AwsSession } from '../aws/session.ts'
import type { VerbOptions } from '../progress.ts'
import type { Database } from './database.ts'

export interface ListDatabasesOptions extends VerbOptions {
  aws: AwsSession
}

/**
 * All databases of the region: clusters, and instances that belong to none.
 * @throws {CruddurError} `AWS_…`
 */
export async function listDatabases({ aws, signal }: ListDatabasesOptions): Promise<Database[]> {
  const { Databases } = await import('./databases.ts')
  const databases = new Databases(aws, signal)
  try {
    return await databases.list()
  } finally {
    databases.close()
  }
}
