import { ByteClass, byteClass, identifierByte, isVariableByte, QUOTE } from './bytes.ts'
import type { CharacterLength } from './multibyte.ts'

const AMPERSAND = 0x26
const DASH = 0x2d
const DOLLAR = 0x24
const DOT = 0x2e
const PLUS = 0x2b
const LETTER_E = 0x65

/**
 * Where a dollar quote's tag ends that begins at `start`.
 * @param final whether no byte can follow these
 * @returns the position behind it; `parameter` for `$1`; `undefined` for a dollar that is just a character
 */
export function dollarTagEnd(
  bytes: Buffer,
  start: number,
  final: boolean,
): number | 'parameter' | 'more' | undefined {
  let at = start + 1
  if (byteClass[bytes[at] ?? 0] === ByteClass.digit) return 'parameter'
  while (at < bytes.length && isVariableByte(bytes[at] as number)) at += 1
  if (at >= bytes.length && !final) return 'more'
  return bytes[at] === DOLLAR ? at + 1 : undefined
}

function digitsEnd(bytes: Buffer, start: number): number {
  let at = start
  while (byteClass[bytes[at] ?? 0] === ByteClass.digit) at += 1
  return at
}

/**
 * Where a number ends: digits with fraction and exponent, so that the `e` of `1e5` is no word and no prefix of a string.
 * @param final whether no byte can follow these
 */
export function numberEnd(bytes: Buffer, start: number, final: boolean): number | 'more' {
  let end = digitsEnd(bytes, start)
  if (bytes[end] === DOT) end = digitsEnd(bytes, end + 1)
  if (end + 2 >= bytes.length && !final) return 'more'
  if (((bytes[end] ?? 0) | 0x20) !== LETTER_E) return end
  const sign = bytes[end + 1] === PLUS || bytes[end + 1] === DASH ? 2 : 1
  return byteClass[bytes[end + sign] ?? 0] === ByteClass.digit ? digitsEnd(bytes, end + sign) : end
}

/** Where a word ends that begins at a position; in an unsafe encoding `length` tells how long each character is. */
export function wordEnd(bytes: Buffer, start: number, length: CharacterLength | undefined): number {
  let at = start
  if (length === undefined) while (identifierByte[bytes[at] as number] === 1) at += 1
  else while (identifierByte[bytes[at] as number] === 1) at += length(bytes[at] as number, bytes[at + 1] ?? 0)
  return at
}

/**
 * `E'`, `B'`, `X'` and `U&'`: a letter directly before a quote belongs to it. (`N'` reads like a bare quote.)
 * @returns how the string is read and where it begins
 */
export function stringPrefix(
  bytes: Buffer,
  start: number,
): { mode: 'plain string' | 'escape string'; end: number } | undefined {
  const letter = String.fromCharCode(bytes[start] as number).toLowerCase()
  const unicode = letter === 'u' && bytes[start + 1] === AMPERSAND
  const quoteAt = unicode ? start + 2 : start + 1
  if (bytes[quoteAt] !== QUOTE) return undefined
  if (letter === 'e') return { mode: 'escape string', end: quoteAt + 1 }
  return unicode || letter === 'b' || letter === 'x' ? { mode: 'plain string', end: quoteAt + 1 } : undefined
}
