import { string } from '@oclif/core/flags'
import { REGION_VARIABLES } from '../aws/region-variables.ts'
import type { AwsSession, Sourced } from '../aws/session.ts'
import { loadSettings, type Settings } from '../config/settings.ts'
import { CruddurError, InterruptedError } from '../errors.ts'
import type { OnProgress } from '../progress.ts'
import { askLine } from './ask-line.ts'
import { BaseCommand } from './base-command.ts'
import { printable } from './format.ts'
import { LineProgress } from './progress/lines.ts'
import { reportError } from './report.ts'
import { parseConnectionUrl } from '../target/connection-url.ts'

/** Where and as whom AWS is asked; shared by all commands that do. */
export const awsFlags = {
  profile: string({
    description: 'a profile of ~/.aws/config (AWS_PROFILE)',
    helpValue: 'NAME',
    helpGroup: 'AWS',
  }),
  region: string({
    description: `the region (${REGION_VARIABLES.join(', ')}, or that of the profile)`,
    helpValue: 'eu-central-1',
    helpGroup: 'AWS',
  }),
}

/** Milliseconds after which a command that is done ends, whatever is still open. */
const LINGER = 500

/** What the commands that ask AWS share. */
export abstract class AwsCommand extends BaseCommand {
  #settings: Settings | undefined
  #lines: LineProgress | undefined

  /** The settings for this run; read once. */
  protected get settings(): Settings {
    if (this.#settings) return this.#settings
    this.#settings = loadSettings({ directory: process.cwd(), environment: process.env })
    this.#maskProduction(this.#settings)
    return this.#settings
  }

  /** Whatever AWS says, or we: the password of production is not repeated. */
  #maskProduction({ prodConnectionUrl }: Settings): void {
    try {
      if (!prodConnectionUrl) return
      const { password, user, database, host } = parseConnectionUrl(prodConnectionUrl.value)
      this.redactor.add(password, [user, database, host])
    } catch {
      // What cannot be read for a URL is repeated by no message.
    }
  }

  /**
   * Where and as whom AWS is asked: flags before the environment before `.env` before the profile.
   * @throws {UsageError} `AWS_PROFILE_UNKNOWN`, `AWS_REGION_MISSING`, `AWS_REGION_INVALID`
   */
  protected async awsSession(flags: {
    profile?: string | undefined
    region?: string | undefined
  }): Promise<AwsSession> {
    const { openAwsSession } = await import('../aws/session.ts')
    return openAwsSession({
      profile: this.fromFlag(flags.profile, 'profile') ?? this.settings.find('AWS_PROFILE'),
      region:
        this.fromFlag(flags.region, 'region') ??
        REGION_VARIABLES.map((name) => this.settings.find(name)).find((found) => found !== undefined),
      askMfaCode: process.stdin.isTTY ? (device) => this.#askMfaCode(device) : undefined,
      onSecret: (secret) => this.redactor.add(secret),
    })
  }

  /** Shows progress as lines on stderr; nothing with `--json`. */
  protected get onProgress(): OnProgress | undefined {
    if (this.jsonEnabled()) return undefined
    this.#lines ??= new LineProgress((line) => this.redactor.redact(line))
    return this.#lines.onProgress
  }

  /** What AWS says of tags and the like is others' text, which the terminal is not to obey. */
  protected override out(text: string): void {
    super.out(printable(text))
  }

  /** Says something that a person should know, on stderr; with `--json` it is in the result. */
  protected note(text: string): void {
    this.onProgress?.({ type: 'note', level: 'warning', text })
  }

  /** For start scripts: a failure, whatever it is, becomes one line, and the script goes on. */
  protected override async catch(error: unknown): Promise<void> {
    const interrupted = error instanceof CruddurError && error.kind === 'interrupted'
    if (!this.argv.includes('--soft') || interrupted) return super.catch(error)
    if (this.jsonEnabled()) reportError(error, { json: true, redact: (text) => this.redactor.redact(text) })
    else this.note(oneLine(error))
  }

  async #askMfaCode(device: string): Promise<string> {
    const code = await askLine(`MFA code for ${device}: `, this.signal)
    if (code === undefined) throw new InterruptedError()
    return code
  }

  /** A question to a dead name server cannot be taken back, and would keep the process for as long as it likes. */
  protected override async finally(error: Error | undefined): Promise<void> {
    await super.finally(error)
    setTimeout(() => process.exit(), LINGER).unref()
  }

  /** A flag's value with where it comes from. */
  protected fromFlag(value: string | undefined, name: string): Sourced | undefined {
    return value === undefined ? undefined : { value, source: `--${name}` }
  }
}

function oneLine(error: unknown): string {
  const hint = error instanceof CruddurError ? ` ${error.hint ?? ''}` : ''
  return `${error instanceof Error ? error.message : String(error)}${hint}`.replaceAll(/\s+/g, ' ').trim()
}
