import type { InstanceStatus } from './instance-status.ts'
import { keepWarning } from '../keep/keep-warning.ts'
import { wayOut } from '../status-report.ts'

/** From how many days before the end of its standard support on a version is warned of. */
const SUPPORT_WARNING_DAYS = 180

/** What a person should know of a database, a sentence each. */
export function warningsOf(status: Omit<InstanceStatus, 'warnings'>): string[] {
  const { id, kind, phase, members, cluster, publiclyAccessible, access } = status
  const warnings: string[] = []
  if (phase === 'broken') warnings.push(`${id} is ${status.status}. ${wayOut(status)}`)
  const kept = status.keep && keepWarning(status, status.keep)
  if (kept !== undefined) warnings.push(kept)
  const support = supportWarning(status)
  if (support !== undefined) warnings.push(support)
  const open = access.rules.filter(({ world }) => world)
  if (open.length > 0)
    warnings.push(
      `Port ${access.port} is open to the world by ${open.map((rule) => rule.id).join(', ')}${publiclyAccessible ? ': only the login protects it' : ', though the database has no public address'}.`,
    )
  for (const { groupId, message, hint } of access.unread)
    warnings.push(
      `Who may connect by ${groupId} could not be read: ${message}${hint === undefined ? '' : ` ${hint}`}`,
    )
  if (kind === 'cluster' && members.length === 0)
    warnings.push(`The cluster ${id} has no instance: nobody can connect to it.`)
  if (cluster !== undefined)
    warnings.push(
      `${id} is an instance of the Aurora cluster ${cluster}, which is started, stopped and paid for as a whole: cruddur rds status ${cluster}`,
    )
  return warnings
}

function supportWarning({
  version,
  support,
  extendedSupport,
}: Omit<InstanceStatus, 'warnings'>): string | undefined {
  const { ends, daysLeft, extendedYear } = support
  if (ends === undefined || daysLeft === undefined || daysLeft >= SUPPORT_WARNING_DAYS) return undefined
  const day = ends.toISOString().slice(0, 10)
  const instead = extendedSupport === false ? 'AWS upgrades it' : 'it pays for Extended Support'
  if (daysLeft >= 0)
    return `Standard support of version ${version} ends on ${day}, in ${daysLeft} days; from then on ${instead}. Upgrade to a newer major before.`
  return `Standard support of version ${version} ended on ${day}${extendedYear === undefined ? '' : `: it pays for year ${extendedYear} of Extended Support`}. Upgrade to a newer major.`
}
