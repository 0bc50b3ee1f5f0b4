/** The tags of the databases that cruddur makes. */
export const TAG = {
  /** The project that it was made in. */
  project: 'cruddur:project',
  /** Who made it. */
  owner: 'cruddur:owner',
  createdBy: 'cruddur:created-by',
  /** `iam` where the master user has no password: RDS does not tell afterwards. */
  login: 'cruddur:login',
  /** Set while a schedule keeps it stopped. */
  keepStopped: 'cruddur:keep-stopped',
  /** The snapshot that it was made from. */
  restoredFrom: 'cruddur:restored-from',
  // Of a snapshot, which holds the tags of its database but not where it stood: see `snapshot-memory.ts`.
  securityGroups: 'cruddur:security-groups',
  subnetGroup: 'cruddur:subnet-group',
  parameterGroup: 'cruddur:parameter-group',
  className: 'cruddur:class',
  publiclyAccessible: 'cruddur:public',
  capacity: 'cruddur:capacity',
} as const
