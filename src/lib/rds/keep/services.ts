import type { AwsSession } from '../../aws/session.ts'
import type { Database } from '../database.ts'
import { type KeepPlan, planKeep } from './plan.ts'
import type { Roles } from './roles.ts'
import type { Schedules } from './schedules.ts'

export interface KeepOptions {
  aws: AwsSession
  database: Database
  signal?: AbortSignal | undefined
}

/** The two services that hold the parts, for one database. */
export interface KeepServices {
  plan: KeepPlan
  roles: Roles
  schedules: Schedules
}

/** Does work with the services, and lets go of their connections. Loads their SDKs. */
export async function withKeepServices<T>(
  { aws, database, signal }: KeepOptions,
  work: (services: KeepServices) => Promise<T>,
): Promise<T> {
  const [{ Roles }, { Schedules }] = await Promise.all([import('./roles.ts'), import('./schedules.ts')])
  const roles = new Roles(aws, signal)
  const schedules = new Schedules(aws, signal)
  try {
    return await work({ plan: planKeep(database), roles, schedules })
  } finally {
    roles.close()
    schedules.close()
  }
}
