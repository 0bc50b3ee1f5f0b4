import { loadSettings, type Settings } from '../config/settings.ts'
import { findPassword } from '../config/password-file.ts'
import { projectDatabaseName, requireProject } from '../config/project.ts'
import type { DatabaseVerbOptions } from '../postgres/database-verb.ts'
import { CruddurError } from '../errors.ts'
import { machineTlsSources } from '../postgres/connect.ts'
import type { OnProgress } from '../progress.ts'
import { parseConnectionUrl, type Target } from '../target/connection-url.ts'
import { chooseDestination, type Destination } from '../target/destination.ts'
import { BaseCommand } from './base-command.ts'
import { confirmation } from './confirm.ts'
import { progressView } from './progress/index.ts'
import type { PlannedStep, ProgressView } from './progress/view.ts'

/** The flags and arguments that say which database is meant, as parsed. */
export interface DatabaseInput {
  flags: {
    url?: string | undefined
    prod?: boolean | undefined
    dotenv?: string | undefined
    wait?: number | undefined
    confirm?: string | undefined
  }
  args: { target?: string | undefined }
}

/** A database to work on, and what the work needs to know of it. */
export interface OpenedDatabase {
  destination: Destination
  settings: Settings
  /** What every verb on this database takes. */
  options: DatabaseVerbOptions & { onProgress: OnProgress; target: Target }
}

/** Steps of the embedded server, which may have to be started before anything else. */
const SERVER_STEPS: readonly PlannedStep[] = [
  { step: 'initdb', title: 'Setting up PostgreSQL' },
  { step: 'start', title: 'Starting PostgreSQL' },
]

/** What the commands of the topic `db` share: which database is meant, progress, confirmation. */
export abstract class DbCommand extends BaseCommand {
  #view: ProgressView | undefined
  #settings: Settings | undefined

  /** The settings for this run; read once. */
  protected settings(flags: DatabaseInput['flags']): Settings {
    this.#settings ??= loadSettings({
      directory: process.cwd(),
      environment: process.env,
      envFile: flags.dotenv,
    })
    return this.#settings
  }

  /** Decides which database is meant, without reaching for it. */
  protected destination({ flags, args }: DatabaseInput, settings: Settings): Destination {
    return chooseDestination({ name: args.target, prod: flags.prod, url: flags.url }, settings)
  }

  /**
   * Finds the database that is meant; starts the embedded server if it is that of the project.
   * @param steps what the command will go through, for progress on a terminal
   * @param start whether an embedded server that does not run is started; one that only looks does not start it
   */
  protected async open(
    input: DatabaseInput,
    steps: readonly PlannedStep[] = [],
    { start = true }: { start?: boolean } = {},
  ): Promise<OpenedDatabase> {
    const settings = this.settings(input.flags)
    const destination = this.destination(input, settings)
    if (destination.kind === 'embedded') {
      requireProject(settings.projectRoot)
      if (!start) await this.#requireRunning(settings)
    }
    const planned = destination.kind === 'embedded' && steps.length > 0 ? [...SERVER_STEPS, ...steps] : steps
    const view = await progressView(planned, {
      json: this.jsonEnabled(),
      redact: (text) => this.redactor.redact(text),
    })
    this.#view = view
    const target = await this.#target(destination, settings, view, input)
    const options = {
      target,
      protectedBecause: destination.kind === 'embedded' ? undefined : destination.protectedBecause,
      confirm: confirmation(input.flags.confirm, this.signal, () => view.pause()),
      wait: input.flags.wait,
      tlsSources: machineTlsSources(settings.home),
      onProgress: view.onProgress,
      signal: this.signal,
    }
    return { destination, settings, options }
  }

  /** Runs the work of a command and brings what is shown of its progress to an end. */
  protected async work<T>(run: () => Promise<T>): Promise<T> {
    let done = false
    try {
      const result = await run()
      done = true
      return result
    } finally {
      await this.#view?.finish(!done)
    }
  }

  /** A command that only looks at the embedded server does not start it. */
  async #requireRunning({ projectRoot }: Settings): Promise<void> {
    const { serverStatus } = await import('../server/status.ts')
    const { state } = await serverStatus({ projectRoot })
    if (state === 'running') return
    throw new CruddurError(
      state === 'absent'
        ? 'This project has no database yet.'
        : "This project's embedded Postgres is not running.",
      {
        code: 'SERVER_NOT_RUNNING',
        kind: 'unreachable',
        hint: state === 'absent' ? 'cruddur db setup makes it.' : 'cruddur db server start starts it.',
      },
    )
  }

  async #target(
    destination: Destination,
    settings: Settings,
    view: ProgressView,
    { flags }: DatabaseInput,
  ): Promise<Target> {
    if (destination.kind === 'embedded') return this.#embeddedTarget(settings, view)
    const { target } = destination
    const password = target.password ?? settings.password ?? findPassword(settings.passwordFile, target)
    if (flags.url !== undefined && parseConnectionUrl(flags.url).password !== undefined)
      view.onProgress({
        type: 'note',
        level: 'warning',
        text: 'Other users of this machine can see a password given with --url; .env is the place for it.',
      })
    this.redactor.add(password, [target.user, target.database, target.host])
    return { ...target, password }
  }

  async #embeddedTarget(settings: Settings, view: ProgressView): Promise<Target> {
    const { startServer } = await import('../server/start.ts')
    const { embeddedTarget } = await import('../server/server-info.ts')
    try {
      const server = await startServer({
        projectRoot: settings.projectRoot,
        onProgress: view.onProgress,
        signal: this.signal,
      })
      this.redactor.add(server.password)
      return embeddedTarget(server, projectDatabaseName(settings.projectRoot))
    } catch (error) {
      await view.finish(true)
      throw error
    }
  }
}
