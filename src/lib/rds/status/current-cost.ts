import { type Billing, billingOf } from './billing.ts'
import { type CostEstimate, estimateCost } from './cost.ts'
import type { Database } from '../database.ts'
import type { StandardSupport } from './standard-support.ts'

/** What a database costs in the status that it is in. */
export interface CurrentCost extends CostEstimate {
  /** What is billed in this status. */
  billing: Billing
  /** In US dollars per month, if it stays as it is; `undefined` if the price of a part is not known. */
  now: number | undefined
  /** The same at most, with Serverless v2 at its highest capacity. */
  nowMost: number | undefined
}

/** Reckons what a database costs now. */
export function currentCost(database: Database, { extendedYear }: StandardSupport): CurrentCost {
  const { kind, engine, status, storage, members } = database
  const ownStorage = engine.startsWith('aurora') ? undefined : storage
  const estimate = estimateCost({
    engine,
    className: database.className,
    instances: kind === 'cluster' ? members.length : 1,
    capacity: database.capacity,
    storageGib: ownStorage?.gib,
    storageType: ownStorage?.type,
    publiclyAccessible: database.publiclyAccessible,
    multiAz: kind === 'instance' && database.multiAz,
    masterLogin: database.masterLogin,
    extendedSupportYear: extendedYear,
  })
  const billing = billingOf(status)
  const { running, runningMost, stopped } = estimate
  const now = { full: running, storage: stopped, none: 0 }[billing]
  return { ...estimate, billing, now, nowMost: billing === 'full' ? runningMost : undefined }
}
