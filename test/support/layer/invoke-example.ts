import { findArchitecture } from '../../../src/lib/layer/architectures.ts'
import { invokeFunction } from '../../../src/lib/layer/invoke/invoke-function.ts'
import { findRuntime } from '../../../src/lib/layer/runtimes.ts'
import { CruddurError } from '../../../src/lib/errors.ts'
import type { StandInArchitecture, StandInPython } from './images.ts'

export interface ExampleCall {
  folder: string
  event: object
  /** The layer's zip. */
  layer: string | undefined
  /** `CONNECTION_URL`; without it the variable is not set. */
  url?: string | undefined
  python?: StandInPython
  architecture?: StandInArchitecture
}

/** What came of a call. */
export interface ExampleEnd {
  answer: unknown
  /** The error's name and text as Lambda tells them; `undefined` when there was an answer. */
  error: { type: string; message: string } | undefined
  /** All that the function wrote, with nothing masked in it. */
  log: string
  /** Everything that anybody gets to read. */
  told: string
}

/** Milliseconds; connecting may take three seconds, and emulation is slow. */
const TIMEOUT = 20_000

/**
 * Runs an example in its runtime's image. The verb is called and not the command, which would mask the URL in what the function writes:
 * the function itself must not write it.
 */
export async function invokeExample(call: ExampleCall): Promise<ExampleEnd> {
  const { folder, event, layer, url, python = '3.13', architecture = 'x86_64' } = call
  let log = ''
  const end = (answer: unknown, error: ExampleEnd['error'], more = ''): ExampleEnd => {
    return { answer, error, log, told: `${log}\n${JSON.stringify({ answer, error })}\n${more}` }
  }
  try {
    const { answer } = await invokeFunction({
      folder,
      handler: 'app.handler',
      event: JSON.stringify(event),
      layers: layer === undefined ? [] : [layer],
      runtime: findRuntime(python),
      architecture: findArchitecture(architecture),
      variables: url === undefined ? {} : { CONNECTION_URL: url },
      pull: 'never',
      timeout: TIMEOUT,
      environment: process.env,
      onLog: (text) => (log += text),
    })
    return end(JSON.parse(answer), undefined)
  } catch (error) {
    if (!(error instanceof CruddurError) || error.code !== 'FUNCTION_FAILED') throw error
    const { errorType, errorMessage } = error.details
    const told = { type: String(errorType), message: String(errorMessage) }
    return end(undefined, told, JSON.stringify(error.details))
  }
}
