import { type CostEstimate, estimateCost } from '../status/cost.ts'
import { ENGINE, type NewDatabase } from './new-database.ts'

/** What is about to be made, and what it will cost. */
export interface CreatePlan {
  database: NewDatabase
  region: string
  cost: CostEstimate
}

/** Reckons what a database would cost. Asks nobody. */
export function planDatabase(database: NewDatabase, region: string): CreatePlan {
  const { kind, login, publiclyAccessible } = database
  const cost = estimateCost({
    engine: ENGINE[kind],
    publiclyAccessible,
    masterLogin: login === 'managed' || login === 'iam' ? login : 'password',
    ...(kind === 'cluster'
      ? { capacity: database.capacity }
      : {
          className: database.className,
          storageGib: database.storage.gib,
          storageType: database.storage.type,
          iops: database.storage.iops,
          multiAz: database.multiAz,
        }),
  })
  return { database, region, cost }
}
