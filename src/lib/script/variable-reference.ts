import { DOUBLE_QUOTE, isVariableByte, QUOTE } from './bytes.ts'

/** A reference to a variable: `:name`, `:'name'`, `:"name"` or `:{?name}`. */
export interface VariableReference {
  kind: 'plain' | 'literal' | 'identifier' | 'test'
  /** Bytes, one per character. */
  name: string
  /** Position behind the reference. */
  end: number
}

/** How many bytes stand before the name. */
const PREFIX = { plain: 1, literal: 2, identifier: 2, test: 3 } as const

/**
 * Reads a reference to a variable at a colon.
 * @param final whether no byte can follow these
 * @returns `undefined` if it is none, `more` if that shows only with more bytes
 */
export function readReference(
  bytes: Buffer,
  colon: number,
  final: boolean,
): VariableReference | 'more' | undefined {
  const next = bytes[colon + 1]
  const kind =
    next === QUOTE ? 'literal' : next === DOUBLE_QUOTE ? 'identifier' : next === 0x7b ? 'test' : 'plain'
  const start = colon + PREFIX[kind]
  let end = start
  while (end < bytes.length && isVariableByte(bytes[end] as number)) end += 1
  if (end >= bytes.length && !final) return 'more'
  if (end <= start || (kind === 'test' && bytes[colon + 2] !== 0x3f)) return undefined
  if (kind !== 'plain' && bytes[end] !== (kind === 'test' ? 0x7d : next)) return undefined
  return { kind, name: bytes.toString('latin1', start, end), end: kind === 'plain' ? end : end + 1 }
}
