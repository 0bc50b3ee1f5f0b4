/** What AWS takes money for: the instance and its storage, the storage only, or nothing. Backups always cost. */
export type Billing = 'full' | 'storage' | 'none'

/**
 * The statuses in which less than everything is billed, of instances and clusters. From "Viewing Amazon RDS DB instance
 * status" of the RDS user guide and "Viewing DB cluster status" of the Aurora user guide.
 */
const LESS: ReadonlyMap<string, Billing> = new Map([
  ['inaccessible-encryption-credentials-recoverable', 'storage'],
  ['starting', 'storage'],
  ['stopped', 'storage'],
  ['stopping', 'storage'],
  ['cloning-failed', 'none'],
  ['creating', 'none'],
  ['deleted', 'none'],
  ['deleting', 'none'],
  ['failed', 'none'],
  ['inaccessible-encryption-credentials', 'none'],
  ['incompatible-network', 'none'],
  ['incompatible-restore', 'none'],
  ['insufficient-capacity', 'none'],
  ['migration-failed', 'none'],
])

/** What is billed in a status. One that the guides do not have counts in full: rather too much than too little. */
export function billingOf(status: string): Billing {
  return LESS.get(status) ?? 'full'
}
