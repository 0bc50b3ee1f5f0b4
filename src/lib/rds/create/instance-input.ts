import type { Checklist } from './checklist.ts'
import type { CreateWish } from './create-input.ts'
import * as rules from './create-rules.ts'
import type { NewInstance } from './new-database.ts'

/** The inputs that only instances have. */
export const INSTANCE_INPUTS = ['class', 'storage', 'storage-type', 'multi-az', 'zone'] as const

/** Checks what only instances have, and fills in the defaults. */
export function instancePart(
  list: Checklist,
  wish: CreateWish,
  region: string,
): Pick<NewInstance, 'className' | 'storage' | 'multiAz' | 'zone'> {
  const type = list.take('storage-type', wish['storage-type'], 'gp3', rules.storageTypeProblem)
  // Where the type is wrong, the size is still compared with something.
  const storageType = rules.isStorageType(type) ? type : 'gp3'
  const [least] = rules.STORAGE_LIMITS[storageType]
  const gib = Number(
    list.take('storage', wish.storage, String(Math.max(least, 20)), (text) =>
      rules.storageProblem(text, storageType),
    ),
  )
  return {
    className: list.take('class', wish.class, 'db.t4g.micro', rules.classProblem),
    storage: { gib, type: storageType, iops: rules.leastIops(storageType, gib) },
    multiAz: wish['multi-az'] ?? false,
    zone: list.takeOptional('zone', wish.zone, (zone) =>
      wish['multi-az']
        ? 'cannot be chosen together with --multi-az: AWS places the two halves'
        : rules.zoneProblem(zone, region),
    ),
  }
}
