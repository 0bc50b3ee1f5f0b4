/**
 * What a status of an instance or cluster means for who wants to start or stop it:
 * - `up`, `down`: at rest;
 * - `rising`, `falling`: on the way there by itself;
 * - `busy`: up, or coming up, with work of AWS going on that must end before it can be stopped;
 * - `broken`: AWS does not get it out of there by itself;
 * - `gone`: it is being deleted.
 */
export type Phase = 'up' | 'down' | 'rising' | 'falling' | 'busy' | 'broken' | 'gone'

/** From "Viewing Amazon RDS DB instance status" and, for clusters, "Viewing DB cluster status" of the user guides. */
const STATUSES: Readonly<Record<Phase, readonly string[]>> = {
  up: ['available'],
  down: ['stopped'],
  rising: ['starting'],
  falling: ['stopping'],
  busy: [
    'backing-up',
    'backtracking',
    'configuring-associated-roles',
    'configuring-enhanced-monitoring',
    'configuring-iam-database-auth',
    'configuring-log-exports',
    'converting-to-vpc',
    'creating',
    'delete-precheck',
    'failing-over',
    'maintenance',
    'migrating',
    'modifying',
    'moving-to-vpc',
    'preparing-data-migration',
    'promoting',
    'rebooting',
    'renaming',
    'resetting-master-credentials',
    'storage-config-upgrade',
    'storage-initialization',
    'storage-optimization',
    'update-iam-db-auth',
    'upgrading',
  ],
  broken: [
    'cloning-failed',
    'failed',
    'inaccessible-encryption-credentials',
    'inaccessible-encryption-credentials-recoverable',
    'incompatible-create',
    'incompatible-network',
    'incompatible-option-group',
    'incompatible-parameters',
    'incompatible-restore',
    'insufficient-capacity',
    'migration-failed',
    'restore-error',
    'storage-full',
  ],
  gone: ['deleting', 'deleted'],
}

const PHASES: ReadonlyMap<string, Phase> = new Map(
  Object.entries(STATUSES).flatMap(([phase, names]) => names.map((name) => [name, phase as Phase] as const)),
)

/** What a status means. One that AWS has invented since counts as work that goes on. */
export function phaseOf(status: string): Phase {
  return PHASES.get(status) ?? 'busy'
}
