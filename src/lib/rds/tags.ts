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
  /** Set while a schedule keeps it stopped. */
  keepStopped: 'cruddur:keep-stopped',
} as const

/** A text as the value of a tag: what RDS does not take in one becomes `_` ("Tagging Amazon RDS resources"). */
export function tagValue(text: string): string {
  return text.replaceAll(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, '_').slice(0, 256)
}
