import type { Connection } from '../postgres/connection.ts'
import { readFacts } from '../postgres/database-facts.ts'

/** What stands in red before the prompt of a production database. */
export const PRODUCTION_LABEL = 'PRODUCTION'

/** The label for a database that bears the mark `cruddur.environment = production`; `undefined` for any other. */
export async function markLabel(connection: Connection): Promise<string | undefined> {
  const { production } = await readFacts(connection, connection.target.database)
  return production ? PRODUCTION_LABEL : undefined
}
