import type { FunctionError } from './function-error.ts'

/** What the runner tells, a line each. */
interface RunnerDocument {
  phase?: 'ready'
  /** The answer as JSON. */
  answer?: string
  error?: FunctionError
}

/** Takes the runner's lines apart as they come. */
export class RunnerOutput {
  /** The function's answer as JSON. */
  answer: string | undefined
  error: FunctionError | undefined
  ready = false
  readonly #onReady: () => void
  #rest: Buffer[] = []

  /** @param onReady called when the handler has been imported, right before it is called */
  constructor(onReady: () => void) {
    this.#onReady = onReady
  }

  readonly add = (bytes: Buffer): void => {
    const end = bytes.lastIndexOf(0x0a)
    if (end === -1) {
      this.#rest.push(bytes)
      return
    }
    const lines = Buffer.concat([...this.#rest, bytes.subarray(0, end)]).toString('utf8')
    this.#rest = [bytes.subarray(end + 1)]
    for (const line of lines.split('\n')) this.#read(line)
  }

  #read(line: string): void {
    const document = parse(line)
    if (document?.phase === 'ready') {
      this.ready = true
      this.#onReady()
    }
    this.answer ??= document?.answer
    this.error ??= document?.error
  }
}

/** An image may write lines of its own before the runner begins. */
function parse(line: string): RunnerDocument | undefined {
  try {
    return JSON.parse(line) as RunnerDocument
  } catch {
    return undefined
  }
}
