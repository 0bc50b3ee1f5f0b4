/** The kinds of resources in ARNs of RDS (User Guide, "Amazon Resource Names"). */
export type RdsResource =
  | 'db'
  | 'cluster'
  | 'snapshot'
  | 'cluster-snapshot'
  | 'pg'
  | 'cluster-pg'
  | 'og'
  | 'subgrp'

/** The ARN of a resource in any region and account, for a policy that would allow a call. */
export function rdsArn(kind: RdsResource, id: string): string {
  return `arn:aws:rds:*:*:${kind}:${id}`
}
