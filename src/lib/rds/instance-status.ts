/**
 * What a status of an instance means for who wants to start or stop it. From "Viewing Amazon RDS DB instance status" of
 * the RDS user guide, with what is billed: `running` is billed in full, `stopped` for its storage only, `nothing` not at all.
 */
export interface StatusFacts {
  /**
   * - `up`, `down`: at rest;
   * - `rising`, `falling`: on the way there by itself;
   * - `busy`: up, or coming up, with work of AWS going on that must end before it can be stopped;
   * - `broken`: AWS does not get it out of there by itself;
   * - `gone`: it is being deleted.
   */
  phase: 'up' | 'down' | 'rising' | 'falling' | 'busy' | 'broken' | 'gone'
  billed: 'running' | 'stopped' | 'nothing'
}

const STATUSES: Readonly<
  Record<StatusFacts['phase'], Partial<Record<StatusFacts['billed'], readonly string[]>>>
> = {
  up: { running: ['available'] },
  down: { stopped: ['stopped'] },
  rising: { stopped: ['starting'] },
  falling: { stopped: ['stopping'] },
  busy: {
    running: [
      'backing-up',
      'configuring-associated-roles',
      'configuring-enhanced-monitoring',
      'configuring-iam-database-auth',
      'configuring-log-exports',
      'converting-to-vpc',
      'delete-precheck',
      'maintenance',
      'modifying',
      'moving-to-vpc',
      'rebooting',
      'renaming',
      'resetting-master-credentials',
      'storage-config-upgrade',
      'storage-initialization',
      'storage-optimization',
      'upgrading',
    ],
    nothing: ['creating'],
  },
  broken: {
    running: ['incompatible-option-group', 'incompatible-parameters', 'restore-error', 'storage-full'],
    nothing: [
      'failed',
      'inaccessible-encryption-credentials',
      'inaccessible-encryption-credentials-recoverable',
      'incompatible-create',
      'incompatible-network',
      'incompatible-restore',
      'insufficient-capacity',
    ],
  },
  gone: { nothing: ['deleting', 'deleted'] },
}

const FACTS: ReadonlyMap<string, StatusFacts> = new Map(
  Object.entries(STATUSES).flatMap(([phase, byBill]) =>
    Object.entries(byBill).flatMap(([billed, names]) =>
      names.map((name) => [name, { phase, billed } as StatusFacts] as const),
    ),
  ),
)

/** What a status means. One that AWS has invented since counts as work that goes on. */
export function statusFacts(status: string): StatusFacts {
  return FACTS.get(status) ?? { phase: 'busy', billed: 'running' }
}
