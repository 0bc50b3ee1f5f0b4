import { execFileSync } from 'node:child_process'

/** What glibc's own loader makes of a file, on this machine. */
export interface LddResult {
  /** Paths of the libraries that it found. */
  found: string[]
  /** Names of those that it did not. */
  missing: string[]
}

/** What is missing to take ldd as the measure for files of x86-64; `undefined` when nothing is. */
export function missingLdd(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'this is no Linux on x86-64'
  try {
    execFileSync('ldd', ['--version'], { stdio: 'pipe' })
    return undefined
  } catch {
    return 'there is no ldd of glibc (Debian: apt install libc-bin)'
  }
}

/** Asks ldd what a file would load; nothing of the file is run. */
export function ldd(path: string): LddResult {
  const environment = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' }
  const text = execFileSync('ldd', [path], {
    encoding: 'utf8',
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const all = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = '']) => name)
  return { found: all(/=> (\S+) \(0x/g), missing: all(/(\S+) => not found/g) }
}
