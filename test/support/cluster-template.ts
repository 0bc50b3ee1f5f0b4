import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, cpSync, existsSync, lchownSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Binaries } from '../../src/lib/server/binaries.ts'
import type { SystemUser } from '../../src/lib/server/passwd.ts'
import { runProgram } from '../../src/lib/server/program.ts'
import { CACHE } from './embedded-postgres.ts'

/** The superuser's password in every scratch server; it matters only where the rules ask for one. */
export const TEST_PASSWORD = 'scratch-password'

/** Hands a tree over to the account; links are not followed. */
export function chownTree(folder: string, user: SystemUser): void {
  lchownSync(folder, user.uid, user.gid)
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    lchownSync(join(entry.parentPath, entry.name), user.uid, user.gid)
}

async function initialise(binaries: Binaries, user: SystemUser | undefined, folder: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'cruddur-initdb-'))
  try {
    const passwordFile = join(work, 'password')
    await writeFile(passwordFile, `${TEST_PASSWORD}\n`, { mode: 0o600 })
    if (user) for (const path of [work, passwordFile]) chownSync(path, user.uid, user.gid)
    const data = join(work, 'data')
    const args = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`]
    const result = await runProgram(binaries.initdb, [...args, '-E', 'UTF8', '--locale=C', '--no-sync'], {
      user,
    })
    if (result.code !== 0) throw new Error(`initdb failed: ${result.stderr}${result.stdout}`)
    cpSync(data, folder, { recursive: true })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/**
 * Makes a fresh data directory (UTF8, locale C, superuser `postgres` with TEST_PASSWORD) by copying one that initdb
 * made in an earlier run.
 */
export async function freshCluster(
  binaries: Binaries,
  user: SystemUser | undefined,
  folder: string,
): Promise<void> {
  const template = join(CACHE, `cluster-${binaries.version}`)
  if (!existsSync(template)) {
    const unfinished = `${template}.${randomBytes(6).toString('hex')}.tmp`
    await mkdir(CACHE, { recursive: true })
    await initialise(binaries, user, unfinished)
    await rename(unfinished, template).catch(() => rm(unfinished, { recursive: true, force: true }))
  }
  cpSync(template, folder, { recursive: true })
  // cpSync goes by the umask for folders; PostgreSQL wants its own closed to others.
  chmodSync(folder, 0o700)
  if (user) chownTree(folder, user)
}
