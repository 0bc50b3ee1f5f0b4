/** How a script is run: in one transaction as `psql -1` does, or statement by statement. */
export type Mode = 'single_transaction' | 'plain'

export const MODES: readonly Mode[] = ['single_transaction', 'plain']

/** One run of one script. */
export interface ScriptJob {
  /** Connection URL of the database to start in. */
  url: string
  /** The script, relative to `cwd`. */
  file: string
  /** Working directory: where `\i` and `\copy` look for their files. */
  cwd: string
  mode: Mode
}

/** How a run ended, in the terms the records use. */
export interface RunnerReport {
  exit: 'ok' | 'error'
  /** Of the first error that came from the server. */
  sqlstate: string | null
  /** The file the failing statement is in, absolute or relative to the working directory. */
  errorFile: string | null
  /** 1-based line on which the failing statement begins. */
  errorLine: number | null
  /** Set by a runner that knows only where the failing statement ends, as psql does. */
  lineIsEnd?: boolean
  /** What a person is told; empty when nothing is wrong. */
  message: string
}

/** A program that runs scripts: what is held against the records. A throw is a bug of the runner. */
export type ScriptRunner = (job: ScriptJob) => Promise<RunnerReport>

/** How long one script may run, in milliseconds, before it counts as hanging: the records were made with the same. */
export const RUN_TIMEOUT = 30_000
