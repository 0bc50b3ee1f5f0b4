import type { CharacterLength } from '../../src/lib/script/multibyte.ts'
import { ScriptFailure } from '../../src/lib/script/script-failure.ts'
import { PENDING, type AskedRows, type ScriptSession } from '../../src/lib/script/session.ts'
import { isCopyIn } from '../../src/lib/script/statement-kind.ts'
import type { Statement } from '../../src/lib/script/statement.ts'

/**
 * Takes the statements of a script and writes down everything that it is told. As on a live session, what a statement
 * changes is not known before the next rest.
 */
export class RecordingSession implements ScriptSession {
  readonly events: unknown[] = []
  readonly wantsCopyTerminator: boolean
  readonly standardStrings: boolean
  readonly characterLength: CharacterLength | undefined = undefined
  stale = false

  constructor(options: { standardStrings?: boolean; copyTerminator?: boolean } = {}) {
    this.standardStrings = options.standardStrings ?? true
    this.wantsCopyTerminator = options.copyTerminator ?? false
  }

  variable(name: string): string | null | typeof PENDING {
    if (name !== 'ROW_COUNT') return null
    return this.stale ? PENDING : '1'
  }

  isCopyIn(statement: Statement): boolean {
    return isCopyIn(statement)
  }

  run(statement: Statement): undefined {
    this.#record('run', statement)
  }

  async copyIn(statement: Statement, data: () => AsyncIterable<Buffer>): Promise<void> {
    this.#record('copy', statement)
    const chunks: Buffer[] = []
    for await (const chunk of data()) chunks.push(Buffer.from(chunk))
    this.events.push({ data: Buffer.concat(chunks).toString('latin1') })
  }

  ask(statement: Statement): Promise<AskedRows> {
    this.#record('ask', statement)
    return Promise.resolve({ columns: ['v'], rows: [['asked']] })
  }

  rest(): Promise<void> {
    this.stale = false
    this.events.push('rest')
    return Promise.resolve()
  }

  connect(): Promise<void> {
    throw new ScriptFailure('connect', { kind: 'refused', code: 'CONNECT', position: undefined })
  }

  setEncoding(encoding: string): Promise<void> {
    this.events.push({ encoding })
    return Promise.resolve()
  }

  #record(event: string, statement: Statement): void {
    this.stale = true
    const { text, frame, offset, textOffset, pieces, joined, hasParameter, plainBackslash } = statement
    const places = pieces?.map((piece) => [piece.bytes.toString('latin1'), piece.offset, piece.verbatim])
    this.events.push({
      event,
      text: text.toString('latin1'),
      frame: frame.name,
      offset,
      textOffset,
      pieces: places,
      joined,
      hasParameter,
      plainBackslash,
    })
  }
}
