/** `\copy` taken apart: the statement to send, and the file on this side. */
export interface CopyCommand {
  /** COPY … FROM STDIN or TO STDOUT. */
  sql: string
  from: boolean
  /** The file, or for `program` the command; `undefined` for data within the script. */
  file: string | undefined
  program: boolean
  /** `pstdin`/`pstdout`: the standard input or output of psql itself. */
  ownStreams: boolean
}

/** A token of `\copy`: a word, a quoted text with its quotes, or one of the characters `. , ( )`. */
const TOKEN = /\s*("(?:[^"]|"")*"|e?'(?:[^']|'')*'|[.,()]|[^\s.,()"']+)/iy
/** The file's name: quoted, or up to a blank. */
const FILE = /\s*('(?:[^']|'')*'|\S+)/y

/**
 * Takes the argument of `\copy` apart, by the rules of psql's `parse_slash_copy`: all before FROM or TO and all behind
 * the file's name go to the server as they are.
 * @throws {Error} in psql's words
 */
export function parseCopyCommand(line: string): CopyCommand {
  if (line.trim() === '') throw new Error('\\copy: arguments required')
  const reader = new TokenReader(line)
  const direction = findDirection(reader)
  const before = line.slice(0, reader.tokenStart).trim()
  const file = reader.file()
  if (file === undefined) throw new Error('\\copy: parse error at end of line')
  const from = direction === 'from'
  const program = file.toLowerCase() === 'program'
  const target = program ? reader.file() : file
  if (target === undefined || (program && !target.startsWith("'")))
    throw new Error(`\\copy: parse error at ${target === undefined ? 'end of line' : `"${target}"`}`)
  const word = program ? '' : target.toLowerCase()
  const inline = word === 'stdin' || word === 'stdout'
  const own = word === 'pstdin' || word === 'pstdout'
  return {
    sql: `COPY ${before} ${from ? 'FROM STDIN' : 'TO STDOUT'} ${line.slice(reader.position).trim()}`.trimEnd(),
    from,
    file: inline || own ? undefined : unquote(target),
    program,
    ownStreams: own,
  }
}

/** Reads `table`, `schema.table`, `(query)`, a column list and the old `binary`, up to FROM or TO. */
function findDirection(reader: TokenReader): 'from' | 'to' {
  let token = reader.expect()
  if (token.toLowerCase() === 'binary') token = reader.expect()
  if (token === '(') skipParentheses(reader)
  token = reader.expect()
  if (token === '.') {
    reader.expect()
    token = reader.expect()
  }
  if (token === '(') {
    skipParentheses(reader)
    token = reader.expect()
  }
  const word = token.toLowerCase()
  if (word === 'from' || word === 'to') return word
  throw new Error(`\\copy: parse error at "${token}"`)
}

function skipParentheses(reader: TokenReader): void {
  for (let depth = 1; depth > 0;) {
    const token = reader.expect()
    if (token === '(') depth += 1
    if (token === ')') depth -= 1
  }
}

function unquote(text: string): string {
  return text.startsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : text
}

class TokenReader {
  position = 0
  /** Where the token read last begins. */
  tokenStart = 0
  readonly #line: string

  constructor(line: string) {
    this.#line = line
  }

  /** The next token; an error at the end of the line. */
  expect(): string {
    const token = this.#read(TOKEN)
    if (token === undefined) throw new Error('\\copy: parse error at end of line')
    return token
  }

  /** The name of a file. */
  file(): string | undefined {
    return this.#read(FILE)
  }

  #read(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position
    const found = pattern.exec(this.#line)
    if (!found?.[1]) return undefined
    this.position = pattern.lastIndex
    this.tokenStart = this.position - found[1].length
    return found[1]
  }
}
