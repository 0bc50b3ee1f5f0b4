import type { AwsSession } from '../aws/session.ts'
import { CruddurError, UsageError } from '../errors.ts'
import { runStep, type VerbOptions } from '../progress.ts'
import { updateNamedRule } from './named-rule.ts'
import { updateOwnRule } from './own-rule.ts'
import { isOneAddress, narrowRange } from './range.ts'
import { refuseOtherGroup, refuseUseless, remarksOn, type RuleDatabase } from './rule-database.ts'
import type { SecurityGroups } from './security-group.ts'

export interface UpdateRuleOptions extends VerbOptions {
  aws: AwsSession
  /** The security group, e.g. `sg-0123abcd`; not needed with `ruleId`, nor with `database`, which has some. */
  groupId?: string | undefined
  /** A rule that is to be modified in place, e.g. `sgr-0123abcd`; without it, the rule of this owner and workspace. */
  ruleId?: string | undefined
  /**
   * The database that the rule is for. It is looked at when it is needed: where neither `groupId` nor `ruleId` is given, where
   * something was written, or in any case if it was named for this run; then what does not fit it is refused.
   */
  database?: { named: boolean; look: (signal: AbortSignal) => Promise<RuleDatabase> } | undefined
  /** The port and the region of the database, as far as they are known before it is looked at. */
  databasePort?: number | undefined
  databaseRegion?: string | undefined
  /** Whom to let in: one address, as `203.0.113.7/32` or `2001:db8::1/128`, or a range up to /24 or /64, for a day. */
  cidr: string
  /** The database's own when not given, as far as it is known, else 5432. */
  port?: number | undefined
  /** Tells workspaces of one owner apart. */
  workspace: string
  /** The rule's description; `owner@workspace` when not given. */
  description?: string | undefined
  /** Whether it is done although it takes over a rule that bears another owner's tag, or does not fit the database. */
  force?: boolean | undefined
  /** Whether our own rules whose lease has ended are removed. */
  prune?: boolean | undefined
  /** Whether the database is looked at, if that is known, also where nothing is written. */
  explain?: boolean | undefined
  /** Whether nothing is written. */
  dryRun?: boolean | undefined
  /** How long it may take, in milliseconds; 20 s when not given, as it is part of every start of a workspace. */
  budget?: number | undefined
  /** The time leases are counted from; the present when not given. */
  now?: Date | undefined
  /** Milliseconds until it is tried again where AWS contradicts itself. */
  pace?: (() => number) | undefined
}

/** What became of the rule; `allowed` when a rule that is not ours lets the range in already. */
export type RuleOutcome = 'unchanged' | 'created' | 'modified' | 'replaced' | 'allowed'

export interface UpdateRuleResult {
  outcome: RuleOutcome
  /** Whether it would only have been done. */
  dryRun: boolean
  groupId: string
  /** The rule that lets the range in; empty where a dry run would have made it. */
  ruleId: string
  cidr: string
  port: number
  /** What the rule let in before. */
  previous: string | undefined
  /** Rules of ours that were removed since others took their place. */
  revoked: string[]
  /** Rules of ours that were removed since their lease had ended. */
  pruned: string[]
  /** How many rules `prune` has left alone: those of others whose lease has ended, and those without an owner. */
  left: { expired: number; untagged: number } | undefined
  /** Whose rule it is, as its tag says; `undefined` for one without that tag. */
  owner: string | undefined
  /** The database, if it was looked at. */
  database: { id: string; status: string; endpoint: RuleDatabase['endpoint'] } | undefined
  warnings: string[]
}

/** What the two ways to find the rule are given. */
export interface RuleWork extends Omit<UpdateRuleOptions, 'database'> {
  groups: SecurityGroups
  port: number
  now: Date
  /** The database, if it has been looked at. */
  database: RuleDatabase | undefined
  /** Looks at the database now; `undefined` if none is known. */
  lookAtDatabase: () => Promise<RuleDatabase | undefined>
  /** The name of whoever asks; AWS is asked for it once. */
  whoAmI: () => Promise<string>
}

/** How long a run may take, the search for the address included, in milliseconds. */
export const BUDGET = 20_000

/** The port of PostgreSQL. */
const USUAL_PORT = 5432

/**
 * Lets one address in (or a narrow range) on the port of a database, through one rule of a security group. It may be run again
 * and again: nothing is written when nothing has changed, the new rule is there before the old one goes, and no rule of others
 * is touched.
 * @throws {UsageError} `SECURITY_GROUP_UNKNOWN`, `INVALID_CIDR`, `CIDR_TOO_WIDE`, `CIDR_IN_NAMED_RULE`, `NOT_THE_DATABASE_PORT`
 * @throws {CruddurError} `RULE_NOT_FOUND`, `RULE_OF_OTHERS`, `RULE_IN_OTHER_GROUP`, `SECURITY_GROUP_NOT_FOUND`,
 *   `SECURITY_GROUP_FULL`, `INSTANCE_NOT_FOUND`, `GROUP_NOT_OF_DATABASE`, `DATABASE_IPV4_ONLY`, `AWS_…`
 */
export async function updateIngressRule(given: UpdateRuleOptions): Promise<UpdateRuleResult> {
  const options = { ...given, cidr: narrowRange(given.cidr) }
  requireOwnRuleForRange(options)
  requireGroupOrDatabase(options)
  const { budget: limit = BUDGET } = options
  const late = new AbortController()
  // Not `AbortSignal.timeout`: within `AbortSignal.any`, Node before 22.16 may collect it before it fires.
  const timer = setTimeout(() => late.abort(), limit)
  const signal = options.signal ? AbortSignal.any([options.signal, late.signal]) : late.signal
  const { SecurityGroups } = await import('./security-group.ts')
  const groups = new SecurityGroups(options.aws, signal)
  try {
    return await runStep(options.onProgress, 'rule', 'Updating the security group rule', () =>
      update(options, groups, signal),
    )
  } catch (error) {
    if (late.signal.aborted && !options.signal?.aborted) throw tooSlow(limit, error)
    throw error
  } finally {
    clearTimeout(timer)
    groups.close()
  }
}

async function update(
  options: UpdateRuleOptions,
  groups: SecurityGroups,
  signal: AbortSignal,
): Promise<UpdateRuleResult> {
  const { aws, groupId, ruleId, database: meant, databasePort } = options
  const lookAtDatabase = async () => meant?.look(signal)
  const mustLook = meant?.named || (groupId === undefined && ruleId === undefined)
  const database = mustLook ? await lookAtDatabase() : undefined
  const knownPort = database?.endpoint?.port ?? databasePort
  refuseUseless(database, knownPort, options)
  const work: RuleWork = {
    ...options,
    signal,
    groups,
    port: options.port ?? knownPort ?? USUAL_PORT,
    now: options.now ?? new Date(),
    database,
    lookAtDatabase,
    whoAmI: askOnce(aws, signal),
  }
  const result = await updateRule(work)
  const seen =
    database ?? (options.explain || isWritten(result) ? await lookAfter(options, lookAtDatabase) : undefined)
  if (!seen) return result
  const warnings = [...result.warnings, ...remarksOn(seen, result)]
  return { ...result, database: { id: seen.id, status: seen.status, endpoint: seen.endpoint }, warnings }
}

async function updateRule(work: RuleWork): Promise<UpdateRuleResult> {
  const { ruleId, groupId, database } = work
  if (groupId !== undefined) refuseOtherGroup(work, groupId)
  if (ruleId === undefined) return updateOwnRule(work, groupIdsOf(work, database))
  try {
    return await updateNamedRule(work, ruleId)
  } catch (error) {
    if (!isRuleGone(error)) throw error
    const found = database ?? (groupId === undefined ? await work.lookAtDatabase() : undefined)
    const groupIds = groupIdsOf(work, found)
    if (groupIds.length === 0) throw error
    const result = await updateOwnRule({ ...work, database: found }, groupIds)
    const gone = `The rule ${ruleId} no longer exists; ${result.ruleId || 'a new rule'} takes its place (take DB_SG_RULE_ID out of the environment).`
    return { ...result, warnings: [gone, ...result.warnings] }
  }
}

/** The group that is named, else those of the database. */
function groupIdsOf({ groupId }: RuleWork, database: RuleDatabase | undefined): readonly string[] {
  return groupId === undefined ? (database?.securityGroups ?? []) : [groupId]
}

function isRuleGone(error: unknown): boolean {
  return error instanceof CruddurError && error.code === 'RULE_NOT_FOUND'
}

function isWritten({ outcome, dryRun }: UpdateRuleResult): boolean {
  return !dryRun && outcome !== 'unchanged' && outcome !== 'allowed'
}

/** The database is looked at afterwards to say why a rule may not be enough. If it cannot be, that is no failure. */
async function lookAfter(
  { signal }: UpdateRuleOptions,
  lookAtDatabase: RuleWork['lookAtDatabase'],
): Promise<RuleDatabase | undefined> {
  try {
    return await lookAtDatabase()
  } catch (error) {
    if (signal?.aborted) throw error
    return undefined
  }
}

function askOnce(aws: AwsSession, signal: AbortSignal): () => Promise<string> {
  let name: Promise<string> | undefined
  return async () => {
    const { callerName } = await import('../aws/caller.ts')
    return (name ??= callerName(aws, signal))
  }
}

function requireGroupOrDatabase({ groupId, ruleId, database }: UpdateRuleOptions): void {
  if (groupId !== undefined || ruleId !== undefined || database !== undefined) return
  throw new UsageError('Which security group is meant is not known.', {
    code: 'SECURITY_GROUP_UNKNOWN',
    hint: 'Name the database, or its group: --group sg-…, or DB_SG_ID or PROD_CONNECTION_URL in the environment or .env.',
  })
}

/** A rule that is named bears no lease: a range would stay open there for good. */
function requireOwnRuleForRange({ cidr, ruleId }: UpdateRuleOptions): void {
  if (ruleId === undefined || isOneAddress(cidr)) return
  throw new UsageError(`${cidr} is a range: it is let in for a day only, not by the rule ${ruleId}.`, {
    code: 'CIDR_IN_NAMED_RULE',
    hint: 'Leave out DB_SG_RULE_ID, so that it is a rule of your own.',
  })
}

function tooSlow(limit: number, cause: unknown): CruddurError {
  return new CruddurError(`AWS did not answer in time: it took longer than ${(limit / 1000).toFixed(1)} s.`, {
    code: 'AWS_UNREACHABLE',
    kind: 'unreachable',
    hint: 'Whether the rule has been changed is not known; running it again is safe.',
    cause,
  })
}
