/** A token of SQL, as far as the head of a statement needs telling tokens apart. */
export interface Token {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol'
  /** A word in lower case; a quoted identifier and a string without their quotes; else the characters. */
  text: string
}

/** How much of a statement is looked at, in bytes: enough for COPY with hundreds of columns. */
const HEAD_BYTES = 64 * 1024

const BLANK = /(?:\s+|--[^\r\n]*)+/y
const WORD = /[a-z_\u0080-\u00ff][\w$\u0080-\u00ff]*/iy
const NUMBER = /\d[\d.]*/y
const QUOTED = /"((?:[^"]|"")*)"/y
const STRING = /(?:[en]|u&)?'((?:[^'\\]|''|\\.)*)'/isy
const DOLLAR = /\$([a-z_\u0080-\u00ff][\w\u0080-\u00ff]*)?\$/iy

/** Position behind the block comment at `at`, nested ones included; the end of the text if it is not closed. */
function skipComment(text: string, at: number): number {
  let depth = 0
  const mark = /\/\*|\*\//g
  mark.lastIndex = at
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.lastIndex
  }
  return text.length
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

/** Cuts the beginning of a statement (64 KB of it) into tokens; comments and blanks are left out. */
export function* headTokens(statement: Buffer): Generator<Token> {
  const text = statement.toString('latin1', 0, HEAD_BYTES)
  let at = 0
  while (at < text.length) {
    const blank = match(BLANK, text, at)
    if (blank) at = BLANK.lastIndex
    else if (text.startsWith('/*', at)) at = skipComment(text, at)
    else {
      const [token, next] = readToken(text, at)
      yield token
      at = next
    }
  }
}

function readToken(text: string, at: number): [Token, number] {
  const string = match(STRING, text, at)
  if (string) return [{ kind: 'string', text: string[1] ?? '' }, STRING.lastIndex]
  const word = match(WORD, text, at)
  if (word) return [{ kind: 'word', text: word[0].toLowerCase() }, WORD.lastIndex]
  const quoted = match(QUOTED, text, at)
  if (quoted) return [{ kind: 'quoted', text: (quoted[1] ?? '').replaceAll('""', '"') }, QUOTED.lastIndex]
  const number = match(NUMBER, text, at)
  if (number) return [{ kind: 'number', text: number[0] }, NUMBER.lastIndex]
  const dollar = match(DOLLAR, text, at)
  if (!dollar) return [{ kind: 'symbol', text: text.charAt(at) }, at + 1]
  const bodyEnd = text.indexOf(dollar[0], DOLLAR.lastIndex)
  const end = bodyEnd === -1 ? text.length : bodyEnd
  return [
    { kind: 'string', text: text.slice(DOLLAR.lastIndex, end) },
    Math.min(text.length, end + dollar[0].length),
  ]
}
