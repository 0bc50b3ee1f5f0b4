import { Command } from '@oclif/core/command'
import { Redactor } from '../target/redact.ts'
import { maskArguments } from './argument-secrets.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { exitCodeOf, reportError, toJson } from './report.ts'

/** What every command shares: `--json`, errors with an exit code from the table, Ctrl-C, and masked secrets. */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true

  /** Knows every secret that this run has met. */
  protected readonly redactor = new Redactor()
  #reveals = false
  readonly #abort = new AbortController()
  #onSignal: (() => void) | undefined

  /** Aborted by the first Ctrl-C (or SIGTERM); a second one ends the process at once. */
  protected get signal(): AbortSignal {
    return this.#abort.signal
  }

  override async init(): Promise<void> {
    await super.init()
    maskArguments(this.argv, this.redactor)
    this.#onSignal = () => {
      if (this.signal.aborted) process.exit(EXIT_CODES.interrupted)
      this.#abort.abort()
    }
    process.on('SIGINT', this.#onSignal)
    process.on('SIGTERM', this.#onSignal)
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    if (this.#onSignal) process.off('SIGINT', this.#onSignal).off('SIGTERM', this.#onSignal)
    await super.finally(error)
  }

  protected override async catch(error: unknown): Promise<void> {
    process.exitCode = exitCodeOf(error)
    reportError(error, { json: this.jsonEnabled(), redact: (text) => this.redactor.redact(text) })
  }

  /** From now on the result shows secrets, since somebody asked for them; messages and errors never do. */
  protected revealSecrets(): void {
    this.#reveals = true
  }

  /** Writes a line of the result to stdout; nothing with `--json`, where the result is the returned object. */
  protected out(text: string): void {
    if (!this.jsonEnabled()) process.stdout.write(`${this.#show(text)}\n`)
  }

  override logJson(value: unknown): void {
    process.stdout.write(`${toJson(value, (text) => this.#show(text))}\n`)
  }

  #show(text: string): string {
    return this.#reveals ? text : this.redactor.redact(text)
  }
}
