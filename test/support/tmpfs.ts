import { execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { requireTools } from '../conformance/harness/tools.ts'

/**
 * A folder on a disk of its own with so many bytes, for the running test. Where this user may not mount one, the test
 * is skipped with the reason; in continuous integration it fails.
 */
export function smallDisk(bytes: number, skip: (reason: string) => void): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'cruddur-disk-')))
  onTestFinished(() => rmdirSync(folder))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=755`, 'tmpfs', folder], { stdio: 'pipe' })
    onTestFinished(() => void execFileSync('umount', ['--lazy', folder]))
  } catch {
    requireTools('this user may not mount a small disk', skip)
  }
  return folder
}
