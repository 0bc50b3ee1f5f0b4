import type { CharacterLength } from './multibyte.ts'
import { unsafeCharacterLength } from './multibyte.ts'
import { ScriptFailure } from './script-failure.ts'
import type { AskedRows, ConnectRequest, ScriptSession } from './session.ts'
import type { Position, Statement } from './statement.ts'
import { isCopyIn, statementKind, statementParts } from './statement-kind.ts'
import { headTokens } from './tokens.ts'
import type { Variables } from './variables.ts'

/** Thrown where a script goes on in a way that only the server can tell: nothing behind it is known in advance. */
export class Unforeseeable extends Error {
  constructor() {
    super('what follows depends on the server')
  }
}

/** What a rehearsal finds out. */
export interface RehearsalFindings {
  statements: number
  /** The first statement that begins, ends or marks a transaction. */
  ownTransaction: Position | undefined
  /** The first statement that reaches beyond the database, in words, e.g. `CREATE ROLE`: a copy of it lacks that. */
  beyondDatabase: string | undefined
}

/** Heads of statements whose effect is not (only) in the database. */
const BEYOND: readonly RegExp[] = [
  /^(?:create|alter|drop) (?:role|user|group|database|tablespace|subscription)\b/,
  /^alter system\b/,
  /^(?:grant|revoke) (?:\S+ )*on (?:database|tablespace|parameter)\b/,
  /^comment on (?:database|role|tablespace)\b/,
  /^security label on (?:database|role|tablespace)\b/,
]

/** Looks at the statements of a script without running them: what can be known in advance is known afterwards. */
export class Rehearsal implements ScriptSession {
  readonly stale = false
  readonly wantsCopyTerminator = false
  standardStrings = true
  characterLength: CharacterLength | undefined
  readonly findings: RehearsalFindings = {
    statements: 0,
    ownTransaction: undefined,
    beyondDatabase: undefined,
  }
  /** Whether all statements are to run in one transaction. */
  readonly #single: boolean
  readonly #variables: Variables
  readonly #readData: boolean
  readonly #known: Readonly<Record<string, string>>
  /** Whether the transaction that was begun before the script is still open. */
  #inBlock: boolean

  /**
   * @param options.single whether all is to run in one transaction
   * @param options.readData whether data files are to be read too
   * @param options.known values of the session's variables that are known in advance, bytes one per character
   */
  constructor(options: {
    single: boolean
    readData: boolean
    variables: Variables
    known: Readonly<Record<string, string>>
  }) {
    this.#single = options.single
    this.#inBlock = options.single
    this.#variables = options.variables
    this.#readData = options.readData
    this.#known = options.known
  }

  variable(name: string): string | null {
    const known = this.#known[name]
    if (known !== undefined) return known
    if (SERVER_VARIABLES.has(name)) throw new Unforeseeable()
    return null
  }

  isCopyIn(statement: Statement): boolean {
    return isCopyIn(statement)
  }

  run(statement: Statement): undefined {
    this.findings.statements += 1
    const kind = statementKind(statement.text)
    if (kind === 'insert' || kind === 'copy in') return
    if (kind === 'alone') this.#checkAlone(statement)
    if (kind === 'transaction') this.#noteTransaction(statement)
    if (kind === 'setting') this.#noteSetting(statement)
    this.#noteBeyond(statement)
  }

  async copyIn(statement: Statement, data: () => AsyncIterable<Buffer>, inline: boolean): Promise<void> {
    this.run(statement)
    for (const part of statementParts(statement))
      if (statementKind(part) === 'copy in' && (inline || this.#readData))
        for await (const chunk of data()) void chunk
  }

  ask(statement: Statement): Promise<AskedRows> {
    this.run(statement)
    throw new Unforeseeable()
  }

  rest(): Promise<void> {
    return Promise.resolve()
  }

  connect(_: ConnectRequest, statement: Statement): Promise<void> {
    this.findings.beyondDatabase ??= '\\connect'
    if (this.#single)
      throw new ScriptFailure('\\connect would end the transaction that the script is loaded in', {
        kind: 'refused',
        code: 'NEEDS_NO_TRANSACTION',
        hint: 'Load this script with --no-transaction: each statement then takes effect by itself.',
        position: { frame: statement.frame, offset: statement.offset },
      })
    return Promise.resolve()
  }

  setEncoding(encoding: string): Promise<void> {
    this.characterLength = unsafeCharacterLength(encoding.toUpperCase())
    return Promise.resolve()
  }

  /** A statement that the server would refuse inside the transaction stops the load before it begins. */
  #checkAlone(statement: Statement): void {
    if (!this.#single || !this.#inBlock || !this.#variables.isOn('ON_ERROR_STOP')) return
    const words = [...take(headTokens(statement.text), 3)].map((token) => token.text.toUpperCase()).join(' ')
    throw new ScriptFailure(`${words} cannot run inside a transaction block`, {
      kind: 'refused',
      code: 'NEEDS_NO_TRANSACTION',
      hint: 'Load this script with --no-transaction: each statement then takes effect by itself.',
      position: { frame: statement.frame, offset: statement.offset },
      statement,
      server: {
        severity: 'ERROR',
        sqlstate: '25001',
        message: `${words} cannot run inside a transaction block`,
      },
    })
  }

  #noteTransaction(statement: Statement): void {
    this.findings.ownTransaction ??= { frame: statement.frame, offset: statement.offset }
    const [first, second] = [...take(headTokens(statement.text), 2)].map((token) => token.text)
    if (first === 'begin' || first === 'start') this.#inBlock = true
    // ROLLBACK TO, RELEASE and SAVEPOINT leave the block open.
    else if (
      (first === 'commit' || first === 'end' || first === 'abort' || first === 'rollback') &&
      second !== 'to'
    )
      this.#inBlock = false
  }

  #noteSetting(statement: Statement): void {
    const text = statement.text.toString('latin1', 0, 4096).toLowerCase()
    const strings = /standard_conforming_strings'?\s*(?:=|to|,)\s*'?(on|off|true|false)/.exec(text)
    if (strings) this.standardStrings = strings[1] === 'on' || strings[1] === 'true'
    else if (/^\s*reset\s+(?:standard_conforming_strings|all)/.test(text)) this.standardStrings = true
    const encoding = /(?:client_encoding'?\s*(?:=|to|,)|set\s+names)\s*'?([\w-]+)/.exec(text)
    if (encoding?.[1]) this.characterLength = unsafeCharacterLength(encoding[1].toUpperCase())
  }

  #noteBeyond(statement: Statement): void {
    if (this.findings.beyondDatabase !== undefined) return
    const head = [...take(headTokens(statement.text), 12)].map((token) => token.text).join(' ')
    if (BEYOND.some((pattern) => pattern.test(head)))
      this.findings.beyondDatabase = head.split(' ').slice(0, 2).join(' ').toUpperCase()
  }
}

/** psql's variables that only the server can fill. */
const SERVER_VARIABLES = new Set([
  'ENCODING',
  'ERROR',
  'LAST_ERROR_MESSAGE',
  'LAST_ERROR_SQLSTATE',
  'ROW_COUNT',
  'SERVER_VERSION_NAME',
  'SERVER_VERSION_NUM',
  'SQLSTATE',
])

function* take<T>(items: Iterable<T>, count: number): Generator<T> {
  let left = count
  for (const item of items) {
    if (left === 0) return
    left -= 1
    yield item
  }
}
