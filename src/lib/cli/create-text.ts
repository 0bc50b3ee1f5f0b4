import type { NewInstance } from '../rds/new-instance.ts'
import type { CreatePlan } from '../rds/create-plan.ts'
import type { CreateResult } from '../rds/create.ts'
import type { NewLogin } from '../rds/password-modes.ts'

const LOGINS: Readonly<Record<NewLogin, string>> = {
  generated: 'a password that is made up now, and written to .env only',
  given: 'the password that was given, which is written to .env only',
  managed: 'a password of Secrets Manager, which changes it every 7 days',
  iam: 'tokens of IAM, no password',
}

/** What is about to be made and what it costs, in lines of name and value. */
export function describePlan({ instance, region, cost }: CreatePlan): string[] {
  const { storage, multiAz, zone, backupDays, deletionProtection } = instance
  const place = multiAz ? 'in two zones (Multi-AZ)' : zone === undefined ? 'in one zone' : `in ${zone}`
  const lines: [string, string][] = [
    [
      'instance',
      `${instance.id} in ${region}: PostgreSQL ${instance.engineVersion}, ${instance.className}, ${place}`,
    ],
    [
      'storage',
      `${storage.gib} GB of ${storage.type}${storage.iops === undefined ? '' : ` with ${storage.iops} IOPS`}, encrypted`,
    ],
    ['database', `${instance.databaseName}, master user ${instance.masterUser}, port ${instance.port}`],
    ['login', LOGINS[instance.login]],
    ['network', networkOf(instance)],
    ['backups', backupDays === 0 ? 'none' : `kept for ${backupDays === 1 ? 'a day' : `${backupDays} days`}`],
    ['deletion', deletionProtection ? 'protected' : 'not protected (--prod protects it)'],
    [
      'cost',
      `about ${dollars(cost.running)} a month running, ${dollars(cost.stopped)} stopped (prices of ${cost.pricesRegion}, as of ${cost.pricesAsOf})`,
    ],
  ]
  return lines.map(([name, value]) => `${name.padEnd(10)}${value}`)
}

function networkOf({ publiclyAccessible, securityGroups, subnetGroup }: NewInstance): string {
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
