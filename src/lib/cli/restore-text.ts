import type { RestoreResult } from '../rds/snapshots/restore.ts'

/** What became of a snapshot, and how to get in. */
export function describeRestore(result: RestoreResult): string[] {
  const { id, snapshot, original, status, endpoint, changed, dryRun } = result
  const groups =
    result.securityGroups.length === 0
      ? 'the default security group of its VPC'
      : result.securityGroups.join(', ')
  if (dryRun && changed) return [`Would make ${id} from ${snapshot} (of ${original}), behind ${groups}.`]
  if (dryRun) return [`Nothing to do: ${id} was made from ${snapshot} already; it is ${status}.`]
  const lines = [
    changed
      ? `${id} was made from ${snapshot} (of ${original}), behind ${groups}; it is ${status ?? 'on its way'}.`
      : `${id} was made from ${snapshot} already; it is ${status}. Another one needs an identifier of its own.`,
  ]
  if (endpoint) lines.push(`It is at ${endpoint.host}:${endpoint.port}.`)
  lines.push(
    `Its password is that of ${original} when the snapshot was taken: cruddur rds url ${id} shows the connection URL, cruddur rds reset-password ${id} sets a new one.`,
  )
  return lines
}
