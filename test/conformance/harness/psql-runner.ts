import { parsePsqlMessages } from './psql-messages.ts'
import { runPsql } from './psql.ts'
import type { Mode, RunnerReport, ScriptJob } from './runner.ts'

/** The arguments with which the records were made. */
export function psqlArguments(mode: Mode, file: string): string[] {
  return [...(mode === 'single_transaction' ? ['-1'] : []), '-v', 'VERBOSITY=verbose', '-f', file]
}

/**
 * Runs a script with the real psql. It prints the line on which a failing statement ends, not where it begins, and
 * for some errors of its own no line at all: then it does not say where.
 */
export async function psqlRunner(job: ScriptJob): Promise<RunnerReport> {
  const run = await runPsql(job.url, psqlArguments(job.mode, job.file), job.cwd)
  if (run.exit === 'timeout') throw new Error(`psql did not end: ${run.stderr.toString()}`)
  const { errors } = parsePsqlMessages(run.stderr)
  const line = errors[0]?.line_psql_printed ?? null
  return {
    exit: run.exit === 0 ? 'ok' : 'error',
    sqlstate: errors.find((error) => error.sqlstate !== null)?.sqlstate ?? null,
    errorFile: line === null ? null : (errors[0]?.file ?? null),
    errorLine: line,
    lineIsEnd: true,
    message: errors[0]?.message ?? '',
  }
}
