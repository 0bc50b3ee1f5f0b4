import { createHash } from 'node:crypto'

/** A line of a RECORD: a file that belongs to a package (PyPA, "Recording installed projects"). */
export interface RecordRow {
  /** Relative to the folder that the package is in; with slashes. */
  path: string
  /** `sha256=` and the digest in base64url without padding; empty where there is none, as for RECORD itself. */
  hash: string
  /** Bytes, as the text in the file; empty where it is not told. */
  size: string
}

/** Reads a RECORD: comma-separated values, with quotes where a path has a comma. Lines that are none are left out. */
export function parseRecord(text: string): RecordRow[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => {
      const [path = '', hash = '', size = ''] = fieldsOf(line)
      return { path: path.replaceAll('\\', '/'), hash, size }
    })
    .filter(({ path }) => path !== '')
}

/** Writes a RECORD that is the same for the same rows: sorted by path, with a line feed after each. */
export function formatRecord(rows: readonly RecordRow[]): string {
  return rows
    .toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
    .map(({ path, hash, size }) => `${[path, hash, size].map(quoted).join(',')}\n`)
    .join('')
}

/** The digest of a content as RECORD has it. */
export function recordHash(content: Uint8Array, algorithm = 'sha256'): string {
  return `${algorithm}=${createHash(algorithm).update(content).digest('base64url')}`
}

/** The digests that the specification allows: MD5 and SHA-1 prove nothing. */
const ALGORITHMS = /^(sha256|sha384|sha512)=/

/**
 * Whether a content is the one that RECORD has; `undefined` when RECORD does not say, or not with a digest that proves it.
 */
export function matchesRecord(content: Uint8Array, row: RecordRow): boolean | undefined {
  if (row.size !== '' && Number(row.size) !== content.length) return false
  const [, algorithm] = ALGORITHMS.exec(row.hash) ?? []
  return algorithm === undefined ? undefined : recordHash(content, algorithm) === row.hash.replace(/=+$/, '')
}

function fieldsOf(line: string): string[] {
  const fields = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)
  return [...fields].map(([, inQuotes, plain = '']) => inQuotes?.replaceAll('""', '"') ?? plain)
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
