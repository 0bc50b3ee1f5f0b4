import type { DeleteResult } from '../rds/delete/delete.ts'

/** What became of a database that was to be deleted, and how to get it back. */
export function describeDelete(result: DeleteResult): string[] {
  const { id, status, snapshot, changed, dryRun, plan } = result
  if (dryRun)
    return changed ? [`Would delete ${id}:`, ...plan.map((line) => `  ${line}`)] : [`${id} is ${status}.`]
  const lines = [status === 'gone' ? `${id} is deleted.` : `${id} is being deleted.`]
  if (snapshot !== undefined)
    lines.push(
      `Its data ${status === 'gone' ? 'is' : 'will be'} in the snapshot ${snapshot}: cruddur rds restore ${snapshot} brings it back.`,
    )
  return lines
}
