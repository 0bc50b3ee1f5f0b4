import type { ScriptReader } from '../script/source.ts'

/** Where statements come from. */
export interface InputSource {
  source: ScriptReader
  lineOf?: (offset: number) => number
  /** Stops waiting for input. */
  abort: () => void
}
