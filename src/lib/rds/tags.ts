/** The tags of the databases that cruddur makes. */
export const TAG = {
  /** The project that it was made in. */
  project: 'cruddur:project',
  /** Who made it. */
  owner: 'cruddur:owner',
  createdBy: 'cruddur:created-by',
  /** Tells the request that made it: whether the password that is kept for it is its own. */
  request: 'cruddur:request',
  /** `iam` where the master user has no password: RDS does not tell afterwards. */
  login: 'cruddur:login',
  /** `no` for a cluster whose instances must not be reached from outside its VPC: it is theirs to be so, but it is made first. */
  public: 'cruddur:public',
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

/** A text as the value of a tag: what RDS does not take in one becomes `_` ("Tagging Amazon RDS resources"). */
export function tagValue(text: string): string {
  return text.replaceAll(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, '_').slice(0, 256)
}
