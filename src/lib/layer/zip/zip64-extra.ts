import type { CruddurError } from '../../errors.ts'
import { FULL, ZIP64_EXTRA } from './zip-format.ts'

/** Numbers of an entry, in bytes. */
export interface EntryNumbers {
  size: number
  compressedSize: number
  offset: number
}

/**
 * The numbers of an entry: from its extra field where they do not fit into the record. The field has only those that do not
 * fit, in this order.
 * @param extra all extra fields of the entry
 * @param short what the record says
 * @throws what `fail` makes of the reason
 */
export function readZip64Extra<Numbers extends Partial<EntryNumbers>>(
  extra: Buffer,
  short: Numbers,
  fail: (reason: string) => CruddurError,
): Numbers {
  const wanted = (['size', 'compressedSize', 'offset'] as const).filter((key) => short[key] === FULL.four)
  if (wanted.length === 0) return short
  const field = findExtra(extra, ZIP64_EXTRA)
  // A number that happens to be the largest that fits.
  if (field === undefined) return short
  if (field.length < wanted.length * 8) throw fail('has an extra field that is too short')
  const long: Partial<Record<keyof EntryNumbers, number>> = { ...short }
  for (const [index, key] of wanted.entries()) long[key] = readLong(field, index * 8, fail)
  return long as Numbers
}

/**
 * A number of 64 bits.
 * @throws what `fail` makes of the reason, when it is larger than any file
 */
export function readLong(bytes: Buffer, at: number, fail: (reason: string) => CruddurError): number {
  const number = Number(bytes.readBigUInt64LE(at))
  if (!Number.isSafeInteger(number)) throw fail('says that it is larger than any file')
  return number
}

/** The extra field of a kind. What is damaged ends the list, as other programs take it: other kinds are not ours to judge. */
function findExtra(extra: Buffer, kind: number): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + extra.readUInt16LE(at + 2)
    if (end > extra.length) return undefined
    if (extra.readUInt16LE(at) === kind) return extra.subarray(at + 4, end)
    at = end
  }
  return undefined
}
