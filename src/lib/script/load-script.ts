import { tmpdir } from 'node:os'
import { connect } from '../postgres/connect.ts'
import { connectWhile } from '../postgres/connect-while.ts'
import type { Connection } from '../postgres/connection.ts'
import { readFacts } from '../postgres/database-facts.ts'
import { connectOptions, guard, type DatabaseVerbOptions } from '../postgres/database-verb.ts'
import { runStep, type VerbOptions } from '../progress.ts'
import { planScripts, type ScriptPlan } from './plan-scripts.ts'
import { reconnector } from './reconnect.ts'
import { runScripts } from './run-scripts.ts'
import { ScriptSet, type ScriptInput } from './script-set.ts'

/** How scripts are to be loaded. */
export interface ScriptOptions {
  /** Folder that relative paths are relative to, also those of `\i`. */
  directory: string
  /** `single` (default): all scripts in one transaction; `none`: each statement by itself, as psql does. */
  transaction?: 'single' | 'none' | undefined
  /** psql variables, as `psql -v NAME=VALUE` sets them. */
  variables?: Readonly<Record<string, string>> | undefined
  /** Whether the scripts may run programs on this machine; by default they may not. */
  allowPrograms?: boolean | undefined
  /** The environment for `\getenv` and for programs; empty by default. */
  environment?: Readonly<Record<string, string | undefined>> | undefined
  /** Where streams are kept while they are checked; the system's folder by default. */
  tmpDirectory?: string | undefined
}

export interface LoadOptions extends DatabaseVerbOptions, ScriptOptions {
  /** The scripts, in order. */
  scripts: readonly ScriptInput[]
  /** What the step is called in progress reports: for programs (`load` by default) and for people. */
  step?: string | undefined
  title?: string | undefined
  /** What the guard calls the action; `load a script into` by default. */
  action?: string | undefined
}

export interface LoadResult {
  /** All files that were read, with those included. */
  files: string[]
  statements: number
  bytes: number
  /** Milliseconds. */
  ms: number
  /** `own`: the scripts manage transactions themselves. */
  transaction: 'single' | 'own' | 'none'
  /** Errors that the scripts themselves chose to ignore. */
  toleratedErrors: number
}

/**
 * Loads scripts as psql would: SQL, COPY data and backslash commands, in few round trips; in one transaction unless
 * told otherwise. What cannot be loaded stops before anything is sent, if that can be known in advance.
 * @throws {ScriptError} with file, line, column, statement and SQLSTATE
 * @throws {UsageError} `SCRIPT_NOT_READABLE`, `NOT_A_SCRIPT`
 * @throws {CruddurError} `NOT_CONFIRMED`, `CONNECTION_LOST`, `INTERRUPTED`, and those of `connect`
 */
export async function loadScript(options: LoadOptions): Promise<LoadResult> {
  const started = performance.now()
  const set = await openScripts(options.scripts, options, false)
  try {
    const planning = planScripts(set, planOptions(options))
    const connection = await connectWhile(planning, options, (asked) =>
      connect(options.target, connectOptions(asked)),
    )
    try {
      const plan = await planning
      announce(plan, options)
      await guard(
        options.action ?? 'load a script into',
        connection,
        await readFacts(connection, options.target.database),
        options,
      )
      return await runStep(options.onProgress, 'load', options.title ?? 'Loading', () =>
        loadPlanned(connection, set, plan, options, started),
      )
    } finally {
      connection.leave()
    }
  } finally {
    await set.close()
  }
}

/** Opens scripts with the options' folders. */
export function openScripts(
  scripts: readonly ScriptInput[],
  options: ScriptOptions & VerbOptions,
  hash: boolean,
): Promise<ScriptSet> {
  return ScriptSet.open(scripts, {
    directory: options.directory,
    tmpDirectory: options.tmpDirectory ?? tmpdir(),
    hash,
    signal: options.signal,
  })
}

/** The options of a load that planning needs. */
export function planOptions(options: Omit<LoadOptions, 'scripts'>): Parameters<typeof planScripts>[1] {
  return {
    target: options.target,
    transaction: options.transaction ?? 'single',
    variables: options.variables ?? {},
    directory: options.directory,
    environment: options.environment ?? {},
    allowPrograms: options.allowPrograms ?? false,
    signal: options.signal,
  }
}

/** Says beforehand if a load will not be all or nothing. */
export function announce(plan: ScriptPlan, options: Omit<LoadOptions, 'scripts'>): void {
  const { ownTransaction: own } = plan
  if (!own || options.transaction === 'none') return
  options.onProgress?.({
    type: 'note',
    level: 'warning',
    text: `${own.file}:${own.line}: the script manages transactions itself; what it commits stays even if it fails later.`,
  })
}

/** Runs scripts that have been planned, on a connection to the target. */
export async function loadPlanned(
  connection: Connection,
  set: ScriptSet,
  plan: ScriptPlan,
  options: Omit<LoadOptions, 'scripts'>,
  started = performance.now(),
): Promise<LoadResult> {
  const transaction = options.transaction ?? 'single'
  let done = 0
  const { statements, toleratedErrors } = await runScripts(connection, set, {
    ...planOptions(options),
    connect: connectOptions(options),
    reconnect: reconnector(options),
    onProgress: options.onProgress,
    onBytes: (bytes) => {
      done += bytes
      options.onProgress?.({
        type: 'bytes',
        step: options.step ?? 'load',
        done,
        total: plan.complete ? plan.bytes : undefined,
      })
    },
    signal: options.signal,
  })
  return {
    files: set.names,
    statements,
    bytes: set.bytes,
    ms: performance.now() - started,
    transaction: transaction === 'single' && plan.ownTransaction ? 'own' : transaction,
    toleratedErrors,
  }
}
