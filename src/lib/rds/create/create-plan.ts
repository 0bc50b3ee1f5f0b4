import { type CostEstimate, estimateCost } from '../status/cost.ts'
import { ENGINE, type NewDatabase } from './new-database.ts'

/** What is about to be made, and what it will cost. */
export interface CreatePlan {
  instance: NewDatabase
  region: string
  cost: CostEstimate
}

/** Reckons what a database would cost. Asks nobody. */
export function planInstance(instance: NewDatabase, region: string): CreatePlan {
  const { kind, login, publiclyAccessible } = instance
  const cost = estimateCost({
    engine: ENGINE[kind],
    publiclyAccessible,
    masterLogin: login === 'managed' || login === 'iam' ? login : 'password',
    ...(kind === 'cluster'
      ? { capacity: instance.capacity }
      : {
          className: instance.className,
          storageGib: instance.storage.gib,
          storageType: instance.storage.type,
          iops: instance.storage.iops,
          multiAz: instance.multiAz,
        }),
  })
  return { instance, region, cost }
}
