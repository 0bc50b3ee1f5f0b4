import { CruddurError } from '../../../src/lib/errors.ts'
import { loadScript } from '../../../src/lib/script/load-script.ts'
import { ScriptError } from '../../../src/lib/script/script-error.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { RUN_TIMEOUT, type RunnerReport, type ScriptJob } from './runner.ts'

/** Runs a script with the library, as `cruddur db schema-load` does. Anything but a `CruddurError` is thrown on: a bug. */
export async function cruddurRunner(job: ScriptJob): Promise<RunnerReport> {
  try {
    await loadScript({
      target: parseConnectionUrl(job.url),
      scripts: [job.file],
      directory: job.cwd,
      transaction: job.mode === 'single_transaction' ? 'single' : 'none',
      signal: AbortSignal.timeout(RUN_TIMEOUT),
    })
    return { exit: 'ok', sqlstate: null, errorFile: null, errorLine: null, message: '' }
  } catch (error) {
    if (!(error instanceof CruddurError) || error.kind === 'interrupted') throw error
    // what is recorded is the first error, also when the script went on after it
    const { sqlstate, statement } = error instanceof ScriptError ? (error.tolerated[0] ?? error) : {}
    return {
      exit: 'error',
      sqlstate: sqlstate ?? null,
      errorFile: statement?.file ?? null,
      errorLine: statement?.line ?? null,
      message: error.message,
    }
  }
}
