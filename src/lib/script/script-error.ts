import { CruddurError, type ErrorKind } from '../errors.ts'
import type { ServerMessage } from '../postgres/server-message.ts'
import { locate, offsetOfCharacter, type LocatedLine, type Location } from './locate.ts'
import { ScriptFailure } from './script-failure.ts'
import type { Frame, Position } from './statement.ts'

/** How much of a statement an error repeats, in characters. */
const STATEMENT_LENGTH = 500

/** Where the failing statement or command begins, and its text (shortened). */
export interface FailedStatement extends Location {
  text: string
}

/** A script stopped. Everything that was done in its transaction has been rolled back. */
export class ScriptError extends CruddurError {
  override readonly name = 'ScriptError'
  /** The exact place if the server named one, else where the statement begins. */
  readonly location: Location | undefined
  readonly statement: FailedStatement | undefined
  /** The including scripts, nearest first. */
  readonly includedFrom: readonly Location[]
  readonly sqlstate: string | undefined
  /** Errors before this one that the script chose to ignore. */
  readonly tolerated: readonly ToleratedError[]
  readonly server: ServerMessage | undefined

  constructor(failure: ScriptFailure, places: Places, kind: ErrorKind, tolerated: readonly ToleratedError[]) {
    const { location, statement, includedFrom } = places
    const where = location ? `${location.file}:${location.line}:${location.column}: ` : ''
    const sqlstate = failure.server?.sqlstate
    super(`${where}${failure.message}${sqlstate ? ` (SQLSTATE ${sqlstate})` : ''}`, {
      code: failure.code,
      kind,
      hint: failure.hint,
      context: excerpt(failure, places),
      details: {
        ...location,
        ...(statement ? { statement } : {}),
        ...(includedFrom.length > 0 ? { includedFrom } : {}),
        ...(sqlstate ? { sqlstate } : {}),
        ...(failure.server ? { server: failure.server } : {}),
        ...(tolerated.length > 0 ? { tolerated } : {}),
      },
      cause: failure,
    })
    this.location = location
    this.statement = statement
    this.includedFrom = includedFrom
    this.sqlstate = sqlstate
    this.server = failure.server
    this.tolerated = tolerated
  }
}

/** An error that the script chose to ignore (ON_ERROR_STOP off). */
export interface ToleratedError {
  message: string
  sqlstate: string | undefined
  statement: FailedStatement | undefined
}

/** How many of the errors that a script ignored an error lists. */
const TOLERATED_LISTED = 10

/** The places an error names, looked up. */
interface Places {
  location: Location | undefined
  statement: FailedStatement | undefined
  includedFrom: readonly Location[]
  /** The line to show, with the caret's column. */
  shown: LocatedLine | undefined
}

/**
 * Looks up the places of a failure and makes the error of it. The scripts must still be open.
 * @param tolerated failures before it that the script chose to ignore
 */
export async function toScriptError(
  failure: ScriptFailure,
  tolerated: readonly ScriptFailure[] = [],
): Promise<ScriptError> {
  const kind: ErrorKind = failure.kind === 'refused' ? 'refused' : 'failed'
  const listed: ToleratedError[] = []
  for (const one of tolerated.filter((other) => other !== failure).slice(0, TOLERATED_LISTED))
    listed.push({
      message: one.message,
      sqlstate: one.server?.sqlstate,
      statement: (await findPlaces(one)).statement,
    })
  return new ScriptError(failure, await findPlaces(failure), kind, listed)
}

async function findPlaces({ position, statement, server }: ScriptFailure): Promise<Places> {
  if (!position) return { location: undefined, statement: undefined, includedFrom: [], shown: undefined }
  const begin = await locate(position)
  const exact =
    statement && server?.position !== undefined
      ? await locate({ frame: position.frame, offset: offsetOfCharacter(statement, server.position) })
      : undefined
  const shown = exact ?? begin
  return {
    location: shown && plain(shown),
    statement: begin && {
      ...plain(begin),
      text: shorten(
        statement ? beginning(statement.text) : Array.from(begin.text).slice(begin.before).join(''),
      ),
    },
    includedFrom: await includeChain(position.frame),
    shown,
  }
}

function plain({ file, line, column }: LocatedLine): Location {
  return { file, line, column }
}

async function includeChain(frame: Frame): Promise<Location[]> {
  const chain: Location[] = []
  for (let at: Position | undefined = frame.includedAt; at; at = at.frame.includedAt) {
    const found = await locate(at)
    chain.push(found ? plain(found) : { file: at.frame.name, line: 0, column: 0 })
  }
  return chain
}

/** More of a statement than will be repeated: it may have megabytes. */
function beginning(text: Buffer): string {
  return text.toString('utf8', 0, STATEMENT_LENGTH * 8)
}

function shorten(text: string): string {
  const trimmed = text.trim()
  return trimmed.length > STATEMENT_LENGTH ? `${trimmed.slice(0, STATEMENT_LENGTH)}…` : trimmed
}

/** How much of a line is shown on each side of the caret, in characters. */
const LINE_WIDTH = 60

/** The failing line with a caret, the chain of includes, and what else the server said. */
function excerpt({ server }: ScriptFailure, { shown, statement, includedFrom }: Places): string {
  const lines: string[] = []
  if (shown) lines.push(...pointer(shown))
  if (shown && statement && statement.line !== shown.line)
    lines.push(`in the statement that begins on line ${statement.line}`)
  for (const { file, line } of includedFrom) lines.push(`included from ${file}:${line}`)
  if (server?.detail) lines.push(`Detail: ${server.detail}`)
  if (server?.internalQuery) lines.push(`Query: ${shorten(server.internalQuery)}`)
  if (server?.where) lines.push(`Context: ${server.where}`)
  return lines.join('\n')
}

function pointer({ line, text, before }: LocatedLine): string[] {
  const characters = Array.from(text.replaceAll('\t', ' '))
  const start = Math.max(0, before - LINE_WIDTH)
  const shown = characters.slice(start, before + LINE_WIDTH).join('')
  const number = `${line} | `
  return [`${number}${shown}`, `${' '.repeat(number.length + before - start)}^`]
}
