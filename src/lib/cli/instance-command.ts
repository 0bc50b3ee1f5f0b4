import { string as stringArg } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { throwIfAborted, UsageError } from '../errors.ts'
import type { PowerOptions, PowerResult } from '../rds/power.ts'
import { parseConnectionUrl } from '../target/connection-url.ts'
import { databaseOfHost } from '../target/rds-host.ts'
import { AwsCommand, awsFlags } from './aws-command.ts'
import { duration } from './flags.ts'
import { shortened } from '../shortened.ts'

export const instanceArgs = {
  instance: stringArg({
    description: 'identifier of the RDS instance or Aurora cluster (default: that of PROD_CONNECTION_URL)',
    ignoreStdin: true,
  }),
}

export const powerFlags = {
  ...awsFlags,
  wait: boolean({ description: 'wait until it is done', default: true, allowNo: true }),
  timeout: duration({ description: 'wait no longer than this', helpValue: '40m' }),
  'dry-run': boolean({ description: 'only say what would be done' }),
}

/** The flags of `awsFlags`, as parsed. */
interface AwsFlags {
  profile?: string | undefined
  region?: string | undefined
}

/** The flags of `powerFlags`, as parsed. */
interface PowerFlags extends AwsFlags {
  wait: boolean
  timeout?: number | undefined
  'dry-run': boolean
}

/** Milliseconds. A list of what there is, is not worth waiting for. */
const CHOICE_TIMEOUT = 5000

/** What the commands about an instance share: which one is meant. */
export abstract class InstanceCommand extends AwsCommand {
  /**
   * The instance that is named, else the one that production is on.
   * @throws {UsageError} `INSTANCE_UNKNOWN`, `INSTANCE_INVALID`
   */
  protected instanceId(named: string | undefined): string {
    if (named !== undefined) return requireIdentifier(named)
    const { prodConnectionUrl } = this.settings
    const host = prodConnectionUrl && parseConnectionUrl(prodConnectionUrl.value).host
    const id = host === undefined ? undefined : databaseOfHost(host)
    if (id !== undefined) return id
    throw new UsageError('Which RDS instance is meant is not known.', {
      code: 'INSTANCE_UNKNOWN',
      hint: 'Name it, or put PROD_CONNECTION_URL with its host name into .env.',
    })
  }

  /**
   * The same; where none is named, the hint lists the region's databases, if they can be read.
   * @throws {UsageError} `INSTANCE_UNKNOWN`, `INSTANCE_INVALID`
   */
  protected async instanceIdOrChoice(named: string | undefined, flags: AwsFlags): Promise<string> {
    try {
      return this.instanceId(named)
    } catch (error) {
      if (!(error instanceof UsageError) || error.code !== 'INSTANCE_UNKNOWN') throw error
      const choice = await this.#withChoice(error, flags).catch(() => error)
      throwIfAborted(this.signal)
      throw choice
    }
  }

  /** The error with the databases that there are in its hint. */
  async #withChoice(error: UsageError, flags: AwsFlags): Promise<UsageError> {
    const aws = await this.awsSession(flags)
    const { listDatabases } = await import('../rds/list-databases.ts')
    const signal = AbortSignal.any([this.signal, AbortSignal.timeout(CHOICE_TIMEOUT)])
    const databases = await listDatabases({ aws, signal })
    const names = databases.map(({ id, status }) => `${id} (${status})`).join(', ')
    return new UsageError(error.message, {
      code: error.code,
      hint: `${error.hint} In ${aws.region} there ${names === '' ? 'is none' : `are: ${names}`}.`,
      details: { region: aws.region, databases: databases.map(({ id }) => id) },
    })
  }

  /** What starting and stopping an instance take. */
  protected async powerOptions(named: string | undefined, flags: PowerFlags): Promise<PowerOptions> {
    const id = this.instanceId(named)
    return {
      aws: await this.awsSession(flags),
      id,
      wait: flags.wait,
      timeout: flags.timeout,
      dryRun: flags['dry-run'],
      onProgress: this.onProgress,
      signal: this.signal,
    }
  }

  /** One line about where an instance was brought. */
  protected describePower(
    { id, status, changed, dryRun, keep }: PowerResult,
    verb: 'start' | 'stop',
  ): string {
    const goal = { start: 'available', stop: 'stopped' }[verb]
    if (dryRun && changed) return `Would ${verb} ${id} (${status}).`
    if (dryRun && (keep?.changes.length ?? 0) === 0) return `Nothing to do: ${id} is ${status}.`
    if (dryRun) return `${id} is ${status}.`
    if (status !== goal) return `${id} is ${status}.`
    return changed ? `${id} is ${status} now.` : `${id} was ${status} already.`
  }
}

/** As RDS has it: 1 to 63 letters, digits and hyphens, a letter first, no hyphen last, no two in a row; kept in lower case. */
function requireIdentifier(text: string): string {
  if (/^[a-z](?!.*--)[a-z0-9-]{0,62}(?<!-)$/i.test(text)) return text.toLowerCase()
  throw new UsageError(
    `${JSON.stringify(shortened(text, 80))} cannot be the identifier of an RDS instance.`,
    {
      code: 'INSTANCE_INVALID',
      hint: 'It has 1 to 63 letters, digits and single hyphens, and begins with a letter.',
    },
  )
}
