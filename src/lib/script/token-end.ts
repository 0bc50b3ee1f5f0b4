import { ByteClass, byteClass, isVariableByte } from './bytes.ts'

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
