import { crc32, deflateRawSync } from 'node:zlib'

/** An entry of a zip that is made for a test. What is not given is as it should be. */
export interface MadeEntry {
  name: string
  content?: string | Buffer
  /** Stored instead of deflated. */
  stored?: boolean
  /** All bits of a Unix mode; `undefined` for one that was packed elsewhere. */
  mode?: number
  /** What the directory says in place of the truth. */
  directory?: Partial<Fields>
  /** What the header in front of the data says in place of the truth. */
  local?: Partial<Fields>
}

/** Fields that both records of an entry have. */
interface Fields {
  name: Buffer
  flags: number
  method: number
  crc32: number
  compressedSize: number
  size: number
  offset: number
  extra: Buffer
}

/** Makes a zip by hand, also one that nobody should make; by a code of its own, so that it can test the writer's reader. */
export function makeZip(entries: readonly MadeEntry[], comment = ''): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? '')
    const data = entry.stored === true ? content : deflateRawSync(content)
    const name = Buffer.from(entry.name)
    const truth: Fields = {
      name,
      flags: name.some((byte) => byte > 0x7f) ? 0x800 : 0,
      method: entry.stored === true ? 0 : 8,
      crc32: crc32(content),
      compressedSize: data.length,
      size: content.length,
      offset: at,
      extra: Buffer.alloc(0),
    }
    const local = [common({ ...truth, ...entry.local }, [0x50, 0x4b, 3, 4], 'local', entry.mode), data]
    directory.push(common({ ...truth, ...entry.directory }, [0x50, 0x4b, 1, 2], 'central', entry.mode))
    parts.push(...local)
    at += Buffer.concat(local).length
  }
  const records = Buffer.concat(directory)
  return Buffer.concat([...parts, records, makeEnd(entries.length, records.length, at, comment)])
}

/** The record at the end of a zip. */
export function makeEnd(count: number, size: number, offset: number, comment = ''): Buffer {
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(count, 8)
  end.writeUInt16LE(count, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  end.writeUInt16LE(Buffer.byteLength(comment), 20)
  return Buffer.concat([end, Buffer.from(comment)])
}

function common(
  fields: Fields,
  signature: readonly number[],
  kind: 'local' | 'central',
  mode: number | undefined,
): Buffer {
  const isCentral = kind === 'central'
  const middle = Buffer.alloc(26)
  middle.writeUInt16LE(20, 0)
  middle.writeUInt16LE(fields.flags, 2)
  middle.writeUInt16LE(fields.method, 4)
  // A day of 2024: nobody may depend on the first one there is.
  middle.writeUInt16LE(0x5821, 8)
  middle.writeUInt32LE(fields.crc32, 10)
  middle.writeUInt32LE(fields.compressedSize, 14)
  middle.writeUInt32LE(fields.size, 18)
  middle.writeUInt16LE(fields.name.length, 22)
  middle.writeUInt16LE(fields.extra.length, 24)
  const rest = Buffer.alloc(14)
  rest.writeUInt32LE(((mode ?? 0) << 16) >>> 0, 6)
  rest.writeUInt32LE(fields.offset, 10)
  return Buffer.concat([
    Buffer.from(signature),
    ...(isCentral ? [Buffer.from([20, mode === undefined ? 0 : 3])] : []),
    middle,
    ...(isCentral ? [rest] : []),
    fields.name,
    fields.extra,
  ])
}
