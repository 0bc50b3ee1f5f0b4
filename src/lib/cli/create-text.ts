import { formatDuration } from '../duration.ts'
import type { CostEstimate } from '../rds/status/cost.ts'
import { WAKING } from '../rds/login/master-url.ts'
import {
  firstInstanceOf,
  type NewCluster,
  type NewDatabase,
  type NewInstance,
} from '../rds/create/new-database.ts'
import type { CreatePlan } from '../rds/create/create-plan.ts'
import type { CreateResult } from '../rds/create/create.ts'
import type { NewLogin } from '../rds/login/password-modes.ts'

const LOGINS: Readonly<Record<NewLogin, string>> = {
  generated: 'a password that is made up now, and written to .env only',
  given: 'the password that was given, which is written to .env only',
  managed: 'a password of Secrets Manager, which changes it every 7 days',
  iam: 'tokens of IAM, no password',
}

/** A name and its value. */
type Line = [name: string, value: string]

/** What is about to be made and what it costs, in lines of name and value. */
export function describePlan({ database, region, cost }: CreatePlan): string[] {
  const { backupDays, deletionProtection } = database
  const lines: Line[] = [
    ...(database.kind === 'cluster' ? clusterLines(database, region) : instanceLines(database, region)),
    ['database', `${database.databaseName}, master user ${database.masterUser}, port ${database.port}`],
    ['login', LOGINS[database.login]],
    ['network', networkOf(database)],
    ['backups', backupDays === 0 ? 'none' : `kept for ${backupDays === 1 ? 'a day' : `${backupDays} days`}`],
    ['deletion', deletionProtection ? 'protected' : 'not protected (--prod protects it)'],
    ['cost', describeCost(cost)],
    ...(database.kind === 'cluster' ? cost.besides.map((text): Line => ['', `besides ${text}`]) : []),
  ]
  return lines.map(([name, value]) => `${name.padEnd(10)}${value}`)
}

function instanceLines(instance: NewInstance, region: string): Line[] {
  const { id, engineVersion, className, storage, multiAz, zone } = instance
  const place = multiAz ? 'in two zones (Multi-AZ)' : zone === undefined ? 'in one zone' : `in ${zone}`
  const iops = storage.iops === undefined ? '' : ` with ${storage.iops} IOPS`
  return [
    ['instance', `${id} in ${region}: PostgreSQL ${engineVersion}, ${className}, ${place}`],
    ['storage', `${storage.gib} GB of ${storage.type}${iops}, encrypted`],
  ]
}

function clusterLines({ id, engineVersion, capacity }: NewCluster, region: string): Line[] {
  const { min, max, pausesAfter } = capacity
  return [
    [
      'cluster',
      `${id} in ${region}: Aurora PostgreSQL ${engineVersion}, Serverless v2, with the instance ${firstInstanceOf(id)}`,
    ],
    ['capacity', `${min} to ${max} units of about 2 GB of memory each`],
    [
      'pause',
      pausesAfter === undefined
        ? 'never (--min-acu 0 lets it pause)'
        : `after ${formatDuration(pausesAfter * 1000)} without connections; the first one then takes 15 to 30 s, for which the URL has connect_timeout=${WAKING / 1000}`,
    ],
    ['storage', 'as much as the data takes, encrypted'],
  ]
}

function describeCost({ running, runningMost, stopped, pricesRegion, pricesAsOf }: CostEstimate): string {
  const most =
    runningMost === undefined ? '' : ` at its lowest capacity, ${dollars(runningMost)} at its highest`
  return `about ${dollars(running)} a month running${most}, ${dollars(stopped)} stopped (prices of ${pricesRegion}, as of ${pricesAsOf})`
}

function networkOf({ publiclyAccessible, securityGroups, subnetGroup }: NewDatabase): string {
  const groups = securityGroups.length === 0 ? 'the default security group' : securityGroups.join(', ')
  const where = subnetGroup === undefined ? '' : `, subnets of ${subnetGroup}`
  return `${publiclyAccessible ? 'publicly accessible' : 'private'}, ${groups}${where}`
}

function dollars(amount: number | undefined): string {
  return amount === undefined ? 'an unknown amount' : `$${amount.toFixed(2)}`
}

/** What became of an instance, a line for each thing that is to be known. */
export function describeCreation(result: CreateResult): string[] {
  const { id, status, created, dryRun, plan, drift, url } = result
  if (dryRun && plan) return [`Would make ${id}:`, ...describePlan(plan).map((line) => `  ${line}`)]
  const lines = [
    created
      ? `${id} is ${status ?? 'being made'}${status === 'available' ? ' now' : ''}.`
      : `${id} was there already; it is ${status}.`,
    ...drift.map(({ input, asked, found }) => `  ${input}: ${asked} was asked for, it is ${found}.`),
  ]
  if (url !== undefined) lines.push(url)
  return [...lines, ...describeFile(result)]
}

function describeFile({ id, urlIs, file, resume }: CreateResult): string[] {
  switch (urlIs) {
    case 'written':
      return [`PROD_CONNECTION_URL in ${file} leads there.`]
    case 'there':
      return [`PROD_CONNECTION_URL in ${file} leads there already.`]
    case 'unknown':
      return [`Its password is not known here; to set a new one: cruddur rds reset-password ${id}`]
    default:
      return resume === undefined ? [] : [`To wait on, and to have PROD_CONNECTION_URL: ${resume}`]
  }
}
