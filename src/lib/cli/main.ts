import { run } from '@oclif/core/run'
import type { LoadOptions } from '@oclif/core/interfaces'
import { exitCodeOf, reportError } from './report.ts'

/**
 * Runs the CLI: finds the command, runs it, and reports whatever escaped it. Never exits the process by itself, so
 * that what was written reaches a slow pipe.
 */
export async function main(loadOptions: LoadOptions): Promise<void> {
  const argv = process.argv.slice(2)
  // oclif wraps at 80 columns where there is no terminal, and would cut host names and paths in two.
  if (!process.stdout.isTTY) process.env['OCLIF_COLUMNS'] ??= '1000'
  try {
    await run(argv, loadOptions)
  } catch (error) {
    if (isQuietExit(error)) process.exitCode ??= error.oclif.exit
    else {
      process.exitCode = exitCodeOf(error)
      reportError(error, { json: wantsJson(argv) })
    }
  }
}

/** oclif ends `--help` and the like by throwing an exit without a message. */
function isQuietExit(error: unknown): error is { oclif: { exit: number } } {
  return error instanceof Error && 'code' in error && error.code === 'EEXIT'
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json')
}
