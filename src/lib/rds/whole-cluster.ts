import { CruddurError } from '../errors.ts'
import type { Database } from './database.ts'

/**
 * Refuses an instance of an Aurora cluster where only the cluster as a whole can be meant.
 * @param what is done with the whole, e.g. `is deleted`
 * @param words the command up to the identifier, e.g. `rds delete`
 * @throws {CruddurError} `INSTANCE_OF_CLUSTER`
 */
export function requireWhole(
  { id, cluster }: Pick<Database, 'id' | 'cluster'>,
  what: string,
  words: string,
): void {
  if (cluster === undefined) return
  throw new CruddurError(`${id} belongs to the Aurora cluster ${cluster}, which ${what} as a whole.`, {
    code: 'INSTANCE_OF_CLUSTER',
    hint: `Name the cluster: cruddur ${words} ${cluster}`,
    details: { id, cluster },
  })
}
