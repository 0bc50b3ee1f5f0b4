import { tmpdir } from 'node:os'
import { connect } from '../postgres/connect.ts'
import { connectWhile } from '../postgres/connect-while.ts'
import type { Connection } from '../postgres/connection.ts'
import { readFacts } from '../postgres/database-facts.ts'
import { connectOptions, guard, type DatabaseVerbOptions } from '../postgres/database-verb.ts'
import { runStep, type VerbOptions } from '../progress.ts'
import { planScripts, type ScriptPlan } from './plan-scripts.ts'
import { reconnector } from './reconnect.ts'
import { type RunResult, runScripts } from './run-scripts.ts'
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
  /** What the step is called in progress reports. */
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
  const step = 'load'
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
      let loaded: LoadResult | undefined
      await runStep(options.onProgress, step, options.title ?? 'Loading', () =>
        loadPlanned(connection, [{ set, plan, step }], options, (result) => (loaded = result), started),
      )
      return loaded as LoadResult
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

/** Scripts that have been opened and planned. */
export interface PlannedScripts {
  set: ScriptSet
  plan: ScriptPlan
  /** What the step is called in progress reports, for programs. */
  step: string
}

/**
 * Runs scripts that have been planned, on a connection to the target, part by part (see `runScripts`).
 * @param onDone told of each part when its outcome is known, if it took effect
 */
export function loadPlanned(
  connection: Connection,
  parts: readonly PlannedScripts[],
  options: Omit<LoadOptions, 'scripts'>,
  onDone: (result: LoadResult, index: number) => void,
  started = performance.now(),
): Promise<void> {
  const transaction = options.transaction ?? 'single'
  let since = started
  const lap = () => {
    const [begun, now] = [since, performance.now()]
    since = now
    return now - begun
  }
  // A part may be read, and sent, before the one before it is done.
  let current = 0
  const runs = parts.map(({ set, plan, step }, index) => ({
    set,
    onBytes: byteCounter(step, plan, options, () => index === current),
    onDone: ({ statements, toleratedErrors }: RunResult) => {
      const own = transaction === 'single' && plan.ownTransaction
      const { names: files, bytes } = set
      const result = { files, statements, bytes, ms: lap(), transaction: own ? 'own' : transaction } as const
      current += 1
      onDone({ ...result, toleratedErrors }, index)
    },
  }))
  return runScripts(connection, runs, {
    ...planOptions(options),
    connect: connectOptions(options),
    reconnect: reconnector(options),
    onProgress: options.onProgress,
    signal: options.signal,
  })
}

/** Reports the bytes of a step as they are read, while it is the step under way. */
function byteCounter(
  step: string,
  plan: ScriptPlan,
  { onProgress }: VerbOptions,
  isUnderWay: () => boolean,
): (bytes: number) => void {
  const total = plan.complete ? plan.bytes : undefined
  let done = 0
  return (bytes) => {
    done += bytes
    if (isUnderWay()) onProgress?.({ type: 'bytes', step, done, total })
  }
}
