import { parseEnv } from 'node:util'

/** What the bytes of a `.env` say, as cruddur reads it. Windows' editors begin a file with U+FEFF, which would become part of the first name. */
export function parseEnvBytes(bytes: Buffer): NodeJS.Dict<string> {
  return parseEnv(bytes.toString('utf8').replace(/^\uFEFF/, ''))
}

/** UTF-8's byte order mark, each byte as a character. */
const MARK = '\xef\xbb\xbf'

/** What needs no quotes, neither for `parseEnv` nor for a shell that sources the file. */
const BARE = /^[\w.,:/@%+=?-]+$/

/** Where a value may be in the file, in characters. */
interface Place {
  /** Where its line begins, and where the value does. */
  line: number
  start: number
  end: number
}

/**
 * The bytes of a `.env` in which a name has this value, or is not there if that is `undefined`; nothing else is changed.
 * The last assignment counts, so that is the one that is replaced, with what stands around it kept; else one is added.
 * Which of them that is, within values of several lines and quotes that are never closed, is not guessed: a change is
 * made, read as `parseEnv` reads it, and taken only if every other value is as before.
 * @returns `undefined` if there is no such change
 */
export function withEnvValue(bytes: Buffer, name: string, value: string | undefined): Buffer | undefined {
  const before = parseEnvBytes(bytes)
  if (before[name] === value) return bytes
  // Byte for byte, as other encodings than UTF-8 may stand in comments.
  const text = bytes.toString('latin1')
  const changes = value === undefined ? removals(text, name) : assignments(text, name, value)
  for (const change of changes) {
    const changed = Buffer.from(change, 'latin1')
    if (isOnly(name, value, before, parseEnvBytes(changed))) return changed
  }
  return undefined
}

/** Whether nothing but the one value differs. */
function isOnly(
  name: string,
  value: string | undefined,
  before: NodeJS.Dict<string>,
  after: NodeJS.Dict<string>,
): boolean {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names, name].every((one) => after[one] === (one === name ? value : before[one]))
}

/** The ways to write a value, the ones first that more readers agree on: a shell knows no backtick as a quote. */
function spellings(value: string): string[] {
  const text = Buffer.from(value).toString('latin1')
  const forShell = /["$`\\!]/.test(text) ? [`'${text}'`] : [`'${text}'`, `"${text}"`]
  return [...(BARE.test(text) ? [text] : []), ...forShell, `"${text}"`, `\`${text}\``]
}

/** The text with the value, in each way that may be right, the best first. */
function* assignments(text: string, name: string, value: string): Generator<string> {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  const ended = text === '' || text === MARK || text.endsWith('\n') ? text : text + lineEnd
  const mark = text.startsWith(MARK) ? MARK : ''
  for (const spelling of spellings(value)) {
    for (const { start, end } of places(text, name)) yield text.slice(0, start) + spelling + text.slice(end)
    const line = `${name}=${spelling}${lineEnd}`
    yield ended + line
    // Behind a name without a value, or a quote that is never closed.
    yield `${ended}#${lineEnd}${line}`
    yield mark + line + text.slice(mark.length)
  }
}

/** The text without the name. */
function* removals(text: string, name: string): Generator<string> {
  let left = text
  for (const { line, end } of places(text, name)) {
    const newline = text.indexOf('\n', end)
    const without = left.slice(0, line) + (newline === -1 ? '' : left.slice(newline + 1))
    yield without
    left = without
  }
}

/** Where the name seems to be assigned, the last first. */
function places(text: string, name: string): Place[] {
  const assignment = new RegExp(String.raw`^(${MARK})?[ \t]*(?:export[ \t]+)?${name}[ \t]*=[ \t]*`, 'gm')
  return [...text.matchAll(assignment)]
    .map((found) => {
      const start = found.index + found[0].length
      return { line: found.index + (found[1] ?? '').length, start, end: valueEnd(text, start) }
    })
    .toReversed()
}

/** Where a value ends: with its quote, else before the comment or the end of the line. */
function valueEnd(text: string, start: number): number {
  const quote = /["'`]/.exec(text[start] ?? '')?.[0]
  const close = quote === undefined ? -1 : text.indexOf(quote, start + 1)
  const from = close === -1 ? start : close + 1
  return from + text.slice(from).search(/[ \t]+#|[ \t]*(?:[\r\n]|$)/)
}
