import type { DBInstance } from '@aws-sdk/client-rds'

/** An RDS instance, as far as cruddur looks at it. */
export interface Instance {
  id: string
  /** As AWS says it, e.g. `available`; see `instance-status.ts`. */
  status: string
  /** The instance that this one is a replica of. */
  replicaOf: string | undefined
  replicas: string[]
  /** The cluster that it belongs to, if it is one of Aurora. */
  cluster: string | undefined
  /** When AWS will start it by itself, if it is stopped: seven days after. */
  restartsAt: Date | undefined
}

/** An instance as RDS describes it. */
export function toInstance(described: DBInstance): Instance {
  return {
    id: described.DBInstanceIdentifier ?? '',
    status: described.DBInstanceStatus ?? '',
    replicaOf: described.ReadReplicaSourceDBInstanceIdentifier || undefined,
    replicas: described.ReadReplicaDBInstanceIdentifiers ?? [],
    cluster: described.DBClusterIdentifier || undefined,
    restartsAt: described.AutomaticRestartTime,
  }
}
