import type { ScriptReader } from '../script/script-reader.ts'

/** Where statements come from. */
export interface InputSource {
  source: ScriptReader
  lineOf?: (offset: number) => number
  /** Stops waiting for input. */
  abort: () => void
}
