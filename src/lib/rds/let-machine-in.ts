import type { AwsSession, Sourced } from '../aws/session.ts'
import { CruddurError, UsageError } from '../errors.ts'
import { chooseAddress } from '../ingress/choose-address.ts'
import { privateAddressOf, type LookInsideOptions } from '../ingress/inside-vpc.ts'
import { probe, type Dial, type Endpoint } from '../ingress/probe.ts'
import type { FindPublicIpOptions } from '../ingress/public-ip.ts'
import { chooseRange } from '../ingress/range.ts'
import {
  BUDGET,
  updateIngressRule,
  type UpdateRuleOptions,
  type UpdateRuleResult,
} from '../ingress/update-rule.ts'
import { isRdsHost, regionOfHost } from '../target/rds-host.ts'
import { isDown, lookForRule, type MeantDatabase } from './database-for-rule.ts'
import { cruddurCommand } from './resume.ts'

export interface LetMachineInOptions extends Omit<
  UpdateRuleOptions,
  'cidr' | 'explain' | 'database' | 'databasePort' | 'databaseRegion'
> {
  /** The database that the rule is for. */
  database?: MeantDatabase | undefined
  /** Where it listens, as its connection URL says. */
  endpoint?: Endpoint | undefined
  /** The address to let in, instead of the public one of this machine. */
  ip?: Sourced | undefined
  /** A range instead of one address. */
  range?: Sourced | undefined
  /** Whether a connection is tried at the end. */
  probe?: boolean | undefined
  /** How the public address is found out. */
  publicIp?: Pick<FindPublicIpOptions, 'sources' | 'ipv6Source' | 'timeout' | 'fetch'> | undefined
  lookInside?: LookInsideOptions | undefined
  dial?: Dial | undefined
}

/** There is no need for a rule: the machine reaches the database by a private address. */
export interface NoRuleNeeded {
  outcome: 'not-needed'
  dryRun: boolean
  /** The database's host, and its address as this machine sees it. */
  host: string
  address: string
  warnings: string[]
}

/** Milliseconds that a connection may take. */
const PROBE_TIMEOUT = 10_000

/**
 * Lets this machine in to a database: finds out its public address, has one security group rule let it in, and says why that
 * may not be enough. Where the database has a private address here, nothing is asked and nothing is written; an address that
 * is given is let in all the same.
 * @throws {UsageError} `INVALID_IP`, `INSTANCE_UNKNOWN`; those of `updateIngressRule` and of `chooseRange`
 * @throws {CruddurError} `DATABASE_NOT_REACHED`; those of `updateIngressRule` and of `findPublicIp`
 */
export async function letMachineIn(options: LetMachineInOptions): Promise<UpdateRuleResult | NoRuleNeeded> {
  const { ip, range, endpoint, signal, budget = BUDGET, dryRun = false } = options
  const started = performance.now()
  const timeLeft = () => budget - (performance.now() - started)
  if (options.probe && !endpoint && !options.database) throw nothingToProbe()
  if (!ip && !range && endpoint && isRdsHost(endpoint.host)) {
    const address = await privateAddressOf(endpoint.host, options.lookInside)
    if (address !== undefined)
      return { outcome: 'not-needed', dryRun, host: endpoint.host, address, warnings: [] }
  }
  const chosen = range ? chooseRange(range) : await chooseAddress(ip, { signal, ...options.publicIp })
  const updated = await updateIngressRule({
    ...options,
    ...ofDatabase(options),
    cidr: chosen.cidr,
    explain: options.probe,
    budget: timeLeft(),
  })
  const result = { ...updated, warnings: [...chosen.warnings, ...updated.warnings] }
  if (!options.probe || dryRun) return result
  const target = endpoint ?? result.database?.endpoint
  if (!target) throw nothingToProbe()
  const problem = await probe(target, Math.min(PROBE_TIMEOUT, Math.max(timeLeft(), 0)), options)
  if (problem !== undefined) throw notReached(target, problem, result, options.aws)
  return result
}

/** What the rule is to know of the database. What is not an endpoint of RDS may be the near end of a tunnel: its port tells nothing. */
function ofDatabase({ aws, database, endpoint }: LetMachineInOptions) {
  const databaseRegion = endpoint && regionOfHost(endpoint.host)
  return {
    database: database && {
      named: database.named,
      look: (signal: AbortSignal) => lookForRule(aws, database, databaseRegion, signal),
    },
    databasePort: endpoint && isRdsHost(endpoint.host) ? endpoint.port : undefined,
    databaseRegion,
  } satisfies Partial<UpdateRuleOptions>
}

function nothingToProbe(): UsageError {
  return new UsageError('Where the database listens is not known, so that no connection can be tried.', {
    code: 'INSTANCE_UNKNOWN',
    hint: 'Name the database, or put PROD_CONNECTION_URL into .env; or leave out --probe.',
  })
}

/** Why a connection fails, by its code: what happened, and what to do. */
function reasonOf({ host, port }: Endpoint, problem: string): [text: string, hint: string] {
  if (problem === 'ETIMEDOUT')
    return [
      `port ${port} of ${host} times out`,
      'Your database traffic may leave by another address (a VPN, a proxy): find that out, and name it with --ip.',
    ]
  if (problem === 'ECONNREFUSED')
    return [`${host} refuses connections on port ${port}`, 'Is it the right port, and does the database run?']
  return [
    `${host}:${port} could not be reached (${problem})`,
    'Is the host right, and does its name server answer?',
  ]
}

function notReached(
  endpoint: Endpoint,
  problem: string,
  result: UpdateRuleResult,
  aws: AwsSession,
): CruddurError {
  const { ruleId, cidr, warnings, database } = result
  const [text, hint] = reasonOf(endpoint, problem)
  const start = database && isDown(database.status) && cruddurCommand(`rds start ${database.id}`, aws)
  return new CruddurError(`The rule ${ruleId} lets ${cidr} in, but ${text}.`, {
    code: 'DATABASE_NOT_REACHED',
    kind: 'unreachable',
    hint: start ? `The database is ${database.status}: ${start}` : hint,
    context: warnings.join('\n'),
    details: { ...endpoint, problem, result },
  })
}
