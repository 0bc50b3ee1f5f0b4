import { formatDuration } from '../duration.ts'
import type { MasterLogin } from '../rds/database.ts'
import type { InstanceStatus } from '../rds/status/instance-status.ts'
import { accessTable } from './access-table.ts'
import { count } from './format.ts'

const LOGIN: Readonly<Record<MasterLogin, string>> = {
  password: 'a password',
  managed: 'a password that Secrets Manager keeps and changes',
  iam: 'tokens of IAM, no password',
}

const ENGINES: Readonly<Record<string, string>> = {
  postgres: 'PostgreSQL',
  'aurora-postgresql': 'Aurora PostgreSQL',
}

/** Where the values begin. */
const INDENT = 10

/**
 * An instance's or cluster's status in lines of name and value, and below them who may connect.
 * @param width characters a line of the table may have
 */
export function describeInstance(status: InstanceStatus, width?: number): string {
  const { access, at } = status
  const lines = [
    ['status', status.status],
    ['cost', costOf(status)],
    ['restart', restartOf(status)],
    ['kept', keptOf(status)],
    ['endpoint', endpointOf(status)],
    ['engine', engineOf(status)],
    ['class', classOf(status)],
    ['storage', storageOf(status)],
    ['login', loginOf(status)],
    ['network', networkOf(status)],
    ['backups', status.backupDays === 0 ? 'none' : `kept for ${count(status.backupDays, 'day')}`],
    ['deletion', status.deletionProtection ? 'protected' : 'not protected'],
    ['replicas', replicasOf(status)],
  ]
    .filter(([, value]) => value !== undefined)
    .map(([name = '', value]) => `${name.padEnd(INDENT)}${value}`)
  if (access.rules.length > 0)
    lines.push('', `Who may connect to port ${access.port}:`, ...accessTable(access, at, width))
  else if (access.unread.length === 0 && status.securityGroups.length > 0)
    lines.push('', `Nobody may connect to port ${access.port}: cruddur rds update-sg-rule lets you in.`)
  return lines.join('\n')
}

/** What it costs now and otherwise, what that is made of, and where the prices are from. */
function costOf({ cost }: InstanceStatus): string {
  const { billing, now, nowMost, running, runningMost, stopped, parts, besides } = cost
  const runs = `${aMonth(running, runningMost)} while it runs`
  const words = {
    full: `${aMonth(now, nowMost)} as it is, ${aMonth(stopped)} while it is stopped`,
    storage: `${aMonth(now)} for its storage, ${runs}`,
    none: `nothing as it is, ${runs}`,
  }[billing]
  const made = parts.map((part) => `${part.what} ${dollars(part.running)}`).join(', ')
  const more = `prices of ${cost.pricesRegion}, ${cost.pricesAsOf}; on top: ${besides.join('; ')}`
  return [words, `running: ${made}`, more].join(`\n${' '.repeat(INDENT)}`)
}

function dollars(amount: number | undefined): string {
  return amount === undefined ? 'unknown' : `$${amount.toFixed(2)}`
}

function aMonth(amount: number | undefined, most = amount): string {
  if (amount === undefined) return 'unknown'
  return `${dollars(amount)}${most === amount ? '' : ` to ${dollars(most)}`} a month`
}

function restartOf({ restartsAt, at }: InstanceStatus): string | undefined {
  if (restartsAt === undefined) return undefined
  const left = restartsAt.getTime() - at.getTime()
  return `AWS starts it by itself on ${restartsAt.toISOString()}${left > 0 ? `, in ${formatDuration(left)}` : ''}`
}

function keptOf({ keep }: InstanceStatus): string | undefined {
  if (keep === undefined) return undefined
  return {
    on: `stopped past seven days by the schedule ${keep.schedule}, ${keep.every}`,
    off: `not for now: the schedule ${keep.schedule} is switched off`,
    broken: `not as it should be: ${keep.problems.join('; ')}`,
    none: undefined,
  }[keep.state]
}

function endpointOf({ endpoint, databaseName, masterUser }: InstanceStatus): string {
  const where = endpoint ? `${endpoint.host}:${endpoint.port}` : 'none yet'
  return `${where}, database ${databaseName ?? 'postgres'}, master user ${masterUser}`
}

function engineOf({ engine, version, support }: InstanceStatus): string {
  const name = `${ENGINES[engine] ?? engine} ${version}`
  const { ends, daysLeft } = support
  if (ends === undefined || daysLeft === undefined) return name
  const day = ends.toISOString().slice(0, 10)
  return daysLeft < 0
    ? `${name}, standard support ended on ${day}`
    : `${name}, standard support until ${day} (${count(daysLeft, 'day')})`
}

function classOf({ kind, className, capacity, multiAz, members }: InstanceStatus): string {
  const zones = multiAz ? 'Multi-AZ' : 'single-AZ'
  if (kind === 'instance') return `${className ?? 'unknown'}, ${zones}`
  const units = capacity
    ? `, ${capacity.min} to ${capacity.max} capacity units${capacity.min === 0 ? ' (pauses at 0, but not while a connection is open)' : ''}`
    : ''
  return `${className ?? 'cluster'}${units}; ${zones}, ${count(members.length, 'instance')}${members.length > 0 ? `: ${members.join(', ')}` : ''}`
}

function storageOf({ storage, engine, encrypted }: InstanceStatus): string {
  const size =
    storage && !engine.startsWith('aurora') ? `${storage.gib} GB of ${storage.type}` : 'grows with the data'
  return `${size}, ${encrypted ? 'encrypted' : 'not encrypted'}`
}

function loginOf({ masterLogin, secretArn, iamLogin }: InstanceStatus): string {
  const secret = secretArn === undefined ? '' : ` (${secretArn})`
  const others = iamLogin && masterLogin !== 'iam' ? '; users with tokens of IAM are let in' : ''
  return `${LOGIN[masterLogin]}${secret}${others}`
}

function networkOf({ publiclyAccessible, securityGroups }: InstanceStatus): string {
  const reach = publiclyAccessible ? 'publicly accessible' : 'only from within its VPC'
  return `${reach}, security groups ${securityGroups.join(', ') || 'none'}`
}

function replicasOf({ replicaOf, replicas }: InstanceStatus): string | undefined {
  if (replicaOf !== undefined) return `it is one of ${replicaOf}`
  return replicas.length > 0 ? replicas.join(', ') : undefined
}
