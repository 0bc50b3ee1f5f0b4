import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

function newest(folder: string): number {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
  return Math.max(
    ...entries
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  )
}

/** Builds dist/ if a source is newer: tests of commands run what users run, and must not run yesterday's. */
export default function buildIfStale(): void {
  const built = join(ROOT, 'dist/library/index.js')
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(newest('src'), newest('scripts'))) return
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.js')], { stdio: ['ignore', 'ignore', 'inherit'] })
}
