import { type CostEstimate, estimateCost } from './cost.ts'
import type { NewInstance } from './new-instance.ts'

/** What is about to be made, and what it will cost. */
export interface CreatePlan {
  instance: NewInstance
  region: string
  cost: CostEstimate
}

/** Reckons what an instance would cost. Asks nobody. */
export function planInstance(instance: NewInstance, region: string): CreatePlan {
  const { storage, login } = instance
  const cost = estimateCost({
    className: instance.className,
    storageGib: storage.gib,
    storageType: storage.type,
    iops: storage.iops,
    publiclyAccessible: instance.publiclyAccessible,
    multiAz: instance.multiAz,
    masterLogin: login === 'managed' || login === 'iam' ? login : 'password',
  })
  return { instance, region, cost }
}
