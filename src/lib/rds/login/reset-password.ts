import { isAwsError } from '../../aws/errors.ts'
import type { AwsSession } from '../../aws/session.ts'
import type { EnvFileChange } from '../../config/env-file.ts'
import { UrlChange, waitingName } from '../../config/url-change.ts'
import { type NameConfirmation, requireName } from '../../confirm-name.ts'
import { CruddurError, InterruptedError, UsageError } from '../../errors.ts'
import { runStep, type VerbOptions } from '../../progress.ts'
import type { Database, DatabaseKind } from '../database.ts'
import type { Databases } from '../databases.ts'
import { planUrl, type UrlPlan } from './kept-url.ts'
import { PENDING_URL, readPendingUrl } from '../create/pending-url.ts'
import type { MasterPasswords } from './master-passwords.ts'
import { passwordProblems } from './password.ts'
import type { PollOptions } from '../../poll.ts'
import { requireResettable, resetQuestion, type ResetMode } from './reset-rules.ts'
import { cruddurCommand } from '../resume.ts'
import { settle } from '../settle.ts'

export interface ResetPasswordOptions extends VerbOptions {
  aws: AwsSession
  /** The identifier of an instance or a cluster. */
  id: string
  /** The new password; one is generated when it is not given. */
  password?: string | undefined
  /** Whether Secrets Manager is to keep it from now on. */
  managed?: boolean | undefined
  /** Path of the `.env` that the URL is kept in. */
  envFile: string
  /** Its name there; `PROD_CONNECTION_URL` by default. */
  variable?: string | undefined
  /** Answers with the identifier. */
  confirm?: NameConfirmation
  /** Whether to wait until it is done, and before for what goes on; true by default. */
  wait?: boolean | undefined
  /** Milliseconds after which it gives up waiting; 40 min by default. */
  timeout?: number | undefined
  /** Whether nothing is changed. */
  dryRun?: boolean | undefined
  pace?: PollOptions['pace']
  /** Is told the password before it is used, so that it can be masked. */
  onSecret?: ((secret: string) => void) | undefined
}

/** Where the URL is, in `.env`. */
interface KeptUrl {
  path: string
  variable: string
  /** The mode that the file had, in octal, if others could read it; now it has 600. */
  tightenedFrom: string | undefined
}

export interface ResetPasswordResult {
  id: string
  kind: DatabaseKind
  mode: ResetMode
  user: string
  /** As AWS says it; where nobody waited, that before. */
  status: string
  /** The `.env` and the variable in it that was changed, or would be with `dryRun`; `undefined` where none was to be. */
  kept: KeptUrl | undefined
  /** Where Secrets Manager keeps the password. */
  secretArn: string | undefined
  dryRun: boolean
  /** Milliseconds. */
  ms: number
}

/** One run of the verb. */
interface Run {
  options: ResetPasswordOptions
  databases: Databases
  passwords: MasterPasswords
  change: UrlChange
}

/** Milliseconds for which the status may still be the old one after AWS was asked. */
const LAG = 60_000

/**
 * Gives the master user another password, by the API. The new one is in `.env` before AWS is asked, next to the old one, and
 * takes its place when AWS has taken it. Where no answer says whether it has, both stay there, and the next run goes on with
 * the new one. Where Secrets Manager keeps the password, it is asked to make another one.
 * @throws {UsageError} `PASSWORD_INVALID`, `PASSWORD_MANAGED`, `INVALID_VARIABLE`, `ENV_URL_TAKEN`, `RESET_UNSETTLED`
 * @throws {CruddurError} `INSTANCE_NOT_FOUND`, those of `requireResettable`, `NOT_CONFIRMED`, `ENV_FILE_NOT_WRITABLE`,
 * `RESET_UNKNOWN`, `AWS_TIMEOUT`, `AWS_…`
 * @throws {InterruptedError} when the waiting is ended; AWS goes on
 */
export async function resetPassword(options: ResetPasswordOptions): Promise<ResetPasswordResult> {
  requirePassword(options)
  const change = new UrlChange(options.envFile, options.variable ?? 'PROD_CONNECTION_URL')
  const { Databases } = await import('../databases.ts')
  const { MasterPasswords } = await import('./master-passwords.ts')
  const databases = new Databases(options.aws, options.signal)
  const passwords = new MasterPasswords(options.aws, options.signal)
  try {
    return await reset({ options, databases, passwords, change })
  } finally {
    passwords.close()
    databases.close()
  }
}

async function reset(run: Run): Promise<ResetPasswordResult> {
  const { options, change } = run
  const started = performance.now()
  const database = await ready(run)
  requirePassword(options, database.kind)
  const mode = modeFor(database, options)
  const plan = await planUrl(change, database, mode, options.password)
  if (plan.password !== undefined) options.onSecret?.(plan.password)
  let tightenedFrom: string | undefined
  const resultOf = ({ kind, status, secretArn }: Database): ResetPasswordResult => ({
    id: options.id,
    kind,
    mode,
    user: database.masterUser,
    status,
    kept:
      plan.url === undefined ? undefined : { path: change.path, variable: change.variable, tightenedFrom },
    secretArn,
    dryRun: options.dryRun ?? false,
    ms: performance.now() - started,
  })
  if (options.dryRun) return resultOf(database)
  await requireName(resetQuestion(database, mode), options.confirm)
  const title = `Changing the password of ${database.masterUser} on ${database.id}`
  return runStep(options.onProgress, 'password', title, async () => {
    if (plan.url !== undefined) await change.ensureWritable()
    if (plan.password !== undefined && plan.url !== undefined && !plan.resumes)
      tightenedFrom = (await change.prepare(plan.url)).tightenedFrom
    const underWay = await ask(run, database, mode, plan)
    if (plan.url !== undefined) {
      const settled = await settleUrl(run, plan.url)
      tightenedFrom ??= settled.tightenedFrom
    } else if (plan.resumes) await change.drop()
    return resultOf(options.wait === false ? database : await available(run, underWay ? LAG : 0))
  })
}

/** @throws {UsageError} `PASSWORD_INVALID` */
function requirePassword({ password, managed = false }: ResetPasswordOptions, kind?: DatabaseKind): void {
  const problems = password === undefined ? [] : passwordProblems(password, kind)
  if (password !== undefined && managed) problems.push('Secrets Manager makes its own')
  if (problems.length === 0) return
  throw new UsageError(`The password cannot be taken: ${problems.join('; ')}.`, {
    code: 'PASSWORD_INVALID',
    hint: 'Without one, a good one is generated.',
    details: { problems },
  })
}

/** The database, when AWS would take another password of it. */
async function ready(run: Run): Promise<Database> {
  const { id, wait = true, dryRun = false } = run.options
  const found = await run.databases.find(id)
  if (requireResettable(found, wait || dryRun) === 'act' || dryRun) return found
  const database = await available(run, 0)
  requireResettable(database, false)
  return database
}

async function available({ databases, options }: Run, lag: number): Promise<Database> {
  const { aws, id, timeout, pace, onProgress, signal } = options
  const doing = `Changing the password of ${id}`
  const resume = `To see how it goes: ${cruddurCommand(`rds status ${id}`, aws)}`
  const given = {
    databases,
    id,
    goal: 'available',
    doing,
    resume,
    lag,
    timeout,
    pace,
    onProgress,
    signal,
  } as const
  return (await settle(given)) ?? databases.find(id)
}

/** @throws {UsageError} `PASSWORD_MANAGED` */
function modeFor(
  { id, masterLogin }: Database,
  { password, managed = false }: ResetPasswordOptions,
): ResetMode {
  if (masterLogin !== 'managed') return managed ? 'manage' : 'set'
  if (password === undefined) return 'rotate'
  throw new UsageError(`The password of ${id} is kept by Secrets Manager, which makes its own.`, {
    code: 'PASSWORD_MANAGED',
    hint: `Without --password it makes another one: cruddur rds reset-password ${id}`,
    details: { id },
  })
}

/**
 * Asks AWS. Where it refuses, `.env` is as it was.
 * @returns whether AWS is at it still
 */
async function ask(run: Run, database: Database, mode: ResetMode, plan: UrlPlan): Promise<boolean> {
  const { passwords, change } = run
  try {
    if (plan.password !== undefined) return await passwords.set(database, plan.password)
    return await (mode === 'manage' ? passwords.manage(database) : passwords.rotate(database))
  } catch (error) {
    const isState = isAwsError(error, 'InvalidDBInstanceState') || isAwsError(error, 'InvalidDBClusterState')
    if (passwords.unanswered) {
      // It was available: what makes it unavailable is the request before, whose answer was lost.
      if (isState) return true
      throw plan.password === undefined ? error : unknown(run, database, error)
    }
    if (plan.password !== undefined && !plan.resumes) await change.drop()
    if (isState) requireResettable(await run.databases.find(database.id), false)
    throw error
  }
}

/** @throws {CruddurError} `ENV_FILE_NOT_WRITABLE`, which says that AWS has the new password */
async function settleUrl({ change, options }: Run, url: string): Promise<EnvFileChange> {
  try {
    return await change.settle(url, await outdated(change, options))
  } catch (error) {
    if (!(error instanceof CruddurError)) throw error
    const { code, details, cause } = error
    const hint = `The password of ${options.id} is another one by now; its URL may be there as ${waitingName(change.variable)}. ${error.hint} Then: ${cruddurCommand(`rds reset-password ${options.id}`, options.aws)}`
    throw new CruddurError(error.message, { code, hint, details, cause })
  }
}

/** What a creation has left that was not seen to come to its end: going on with it would write its password over this one. */
async function outdated(change: UrlChange, { id, aws }: ResetPasswordOptions): Promise<string[]> {
  const pending = readPendingUrl(await change.read(PENDING_URL))
  return pending?.id === id && pending.region === aws.region ? [PENDING_URL] : []
}

/** For a request without an answer: neither of the two passwords may be thrown away. */
function unknown({ options, change }: Run, { id, masterUser }: Database, cause: unknown): unknown {
  if (!(cause instanceof CruddurError)) return cause
  const { path, variable } = change
  const message = `It is not known whether ${id} has the new password of ${masterUser}`
  const hint = `The new URL is in ${path} as ${waitingName(variable)}, the old one as ${variable}. To go on with the new one: ${cruddurCommand(`rds reset-password ${id}`, options.aws)}`
  if (cause instanceof InterruptedError) return new InterruptedError(`Interrupted. ${message}.`, hint)
  return new CruddurError(`${message}. ${cause.message}`, {
    code: 'RESET_UNKNOWN',
    kind: cause.kind,
    hint,
    details: { ...cause.details, id, path, variable, waiting: waitingName(variable) },
    cause: cause.cause,
  })
}
