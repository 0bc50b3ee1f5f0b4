import { execFile } from 'node:child_process'
import { basename, dirname } from 'node:path'

/** Milliseconds that git may take before nothing is said. */
const TIMEOUT = 5000

/** `git check-ignore`'s exit code for a file of a repository that is not ignored; 0 is ignored, 128 is no repository. */
const NOT_IGNORED = 1

/**
 * Whether git has a file of secrets, or would take it with the next `git add .`. False where there is no repository or
 * no git, or where git does not answer.
 */
export function isOpenToGit(path: string): Promise<boolean> {
  const words = ['-C', dirname(path), 'check-ignore', '--quiet', '--', basename(path)]
  return new Promise((resolve) => {
    execFile('git', words, { timeout: TIMEOUT }, (error) => resolve(error?.code === NOT_IGNORED))
  })
}
