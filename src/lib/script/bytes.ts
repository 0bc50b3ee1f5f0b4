/** What a byte may begin outside quotes and comments. */
export const ByteClass = {
  other: 0,
  space: 1,
  identifier: 2,
  quote: 3,
  doubleQuote: 4,
  dollar: 5,
  dash: 6,
  slash: 7,
  parenthesis: 8,
  semicolon: 9,
  backslash: 10,
  colon: 11,
  digit: 12,
} as const

export const NEWLINE = 0x0a
export const RETURN = 0x0d
export const QUOTE = 0x27
export const DOUBLE_QUOTE = 0x22
export const BACKSLASH = 0x5c

/** The class of each byte, by psql's scanner (`psqlscan.l`: space, ident_start, self …). Vertical tab is no space. */
export const byteClass = makeTable()

function makeTable(): Uint8Array {
  const table = new Uint8Array(256)
  const set = (characters: string, kind: number) => {
    for (const character of characters) table[character.charCodeAt(0)] = kind
  }
  set(' \t\n\r\f', ByteClass.space)
  set('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_', ByteClass.identifier)
  table.fill(ByteClass.identifier, 0x80)
  set('0123456789', ByteClass.digit)
  set("'", ByteClass.quote)
  set('"', ByteClass.doubleQuote)
  set('$', ByteClass.dollar)
  set('-', ByteClass.dash)
  set('/', ByteClass.slash)
  set('()', ByteClass.parenthesis)
  set(';', ByteClass.semicolon)
  set('\\', ByteClass.backslash)
  set(':', ByteClass.colon)
  return table
}

/** Space, tab, line feed, carriage return or form feed. */
export function isSpace(byte: number): boolean {
  return byteClass[byte] === ByteClass.space
}

/** Whether a byte may stand in the name of a psql variable. */
export function isVariableByte(byte: number): boolean {
  const kind = byteClass[byte]
  return kind === ByteClass.identifier || kind === ByteClass.digit
}

/** 1 for each byte that may go on with an identifier that has begun, else 0: a table, as words are most of a script. */
export const identifierByte = Uint8Array.from(byteClass, (kind) =>
  kind === ByteClass.identifier || kind === ByteClass.digit || kind === ByteClass.dollar ? 1 : 0,
)

/** Whether the bytes from `start` up to `end` are the word, whatever their case. `word` is in lower case. */
export function isWord(bytes: Buffer, start: number, end: number, word: string): boolean {
  if (end - start !== word.length) return false
  for (let index = 0; index < word.length; index++)
    if (((bytes[start + index] as number) | 0x20) !== word.charCodeAt(index)) return false
  return true
}
