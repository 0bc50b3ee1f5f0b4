import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'

/** Major version of the pg_dump on the path; `undefined` when there is none. It must be that of the server. */
export function pgDumpMajor(): number | undefined {
  try {
    const found = /\) (\d+)/.exec(execFileSync('pg_dump', ['--version'], { encoding: 'utf8' }))
    return found ? Number(found[1]) : undefined
  } catch {
    return undefined
  }
}

/**
 * What pg_dump writes of a database.
 * @param url of a server that asks for no password: it becomes an argument
 * @param args e.g. `['--inserts']`
 */
export async function pgDump(url: string, args: readonly string[] = []): Promise<Buffer> {
  const options = { encoding: 'buffer', maxBuffer: 1024 * 1024 * 1024 } as const
  return (await promisify(execFile)('pg_dump', [...args, `--dbname=${url}`], options)).stdout
}

/**
 * The lines of a dump, sorted: rows are put where there is room, so their order may be another one. Left out is what
 * differs each time, the key of `\restrict`.
 */
function sortedLines(dump: Buffer): string[] {
  const lines = dump.toString().replace(/^\\(un)?restrict .*$/gm, '\\$1restrict')
  return lines.split('\n').toSorted()
}

/** The first lines in which two dumps differ, whatever their order; empty when they are the same. */
export function dumpDifference(dump: Buffer, other: Buffer): string[] {
  const [lines, others] = [sortedLines(dump), sortedLines(other)]
  const at = lines.findIndex((line, index) => line !== others[index])
  if (at === -1 && lines.length === others.length) return []
  return [...lines.slice(at, at + 3), 'and', ...others.slice(at, at + 3)].map((line) => line.slice(0, 300))
}
