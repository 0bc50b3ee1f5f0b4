import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CruddurError } from '../errors.ts'
import type { OnProgress } from '../progress.ts'
import type { Binaries } from './binaries.ts'
import { chown, chownTree, exists, writeWhole } from './files.ts'
import type { SystemUser } from './passwd.ts'
import { processFacts } from './process-table.ts'
import { runProgram } from './program.ts'
import { dataMajor } from './running.ts'
import { diskFull, tellsDiskFull, versionMismatch } from './server-errors.ts'
import { SUPERUSER } from './server-info.ts'
import { claimState, type StateFolder } from './state-folder.ts'

/** Random bytes in a password: 192 bits, which base64url writes as 32 characters that mean nothing in a URL. */
const PASSWORD_BYTES = 24

/**
 * UTF-8 everywhere, sorted by code point but with letters that know their capitals: PostgreSQL's own locale, the same
 * on every system, which the machine's locales are not.
 */
const LOCALE_OPTIONS = [
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
]

export interface ClusterOptions {
  binaries: Binaries
  /** The account that the server runs under; `undefined` for our own. */
  user: SystemUser | undefined
  signal?: AbortSignal | undefined
}

/** `data` and `password` of a new server, in a folder that nobody else knows yet. */
async function build(folder: string, { binaries, user, signal }: ClusterOptions): Promise<void> {
  await mkdir(folder, { mode: 0o700 })
  await chown(folder, user)
  const password = join(folder, 'password')
  await writeWhole(password, `${randomBytes(PASSWORD_BYTES).toString('base64url')}\n`, { user, mode: 0o600 })
  const args = [`--pgdata=${join(folder, 'data')}`, `--username=${SUPERUSER}`, `--pwfile=${password}`]
  const result = await runProgram(
    binaries.initdb,
    // Without --no-sync it waits for the disk a second time: only a power cut in the first half minute needs that.
    [...args, '--auth=scram-sha-256', ...LOCALE_OPTIONS, '--no-sync', '--no-instructions'],
    { user, signal },
  )
  if (result.code === 0) return
  const output = `${result.stdout}${result.stderr}`
  if (tellsDiskFull(output)) throw diskFull(dirname(folder))
  const reason = /error: (.*)$/m.exec(output)?.[1] ?? output.trim().split('\n').at(-1)
  throw new CruddurError(`The embedded PostgreSQL could not be set up: initdb says: ${reason}.`, {
    code: 'SERVER_INIT_FAILED',
    hint: 'Correct what it names, or set CONNECTION_URL to a server of your own.',
    details: { output: output.trim().split('\n').slice(-20) },
  })
}

/** How old a folder must be to count as left behind, in milliseconds: its maker may live in another container. */
const LEFT_BEHIND_AFTER = 600_000

/** Removes what a command that was killed in the middle of its work left beside the state. */
async function removeLeftovers(state: StateFolder): Promise<void> {
  const place = dirname(state.folder)
  const pattern = new RegExp(`^${basename(state.folder)}\\.(\\d+)-[0-9a-f]+\\.tmp$`)
  for (const name of await readdir(place)) {
    const pid = pattern.exec(name)?.[1]
    if (pid === undefined || (await processFacts(Number(pid)))) continue
    const age = await stat(join(place, name)).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    )
    if (age <= LEFT_BEHIND_AFTER) continue
    // Another account's is not ours to remove.
    await rm(join(place, name), { recursive: true, force: true }).catch(() => undefined)
  }
}

/** A state without data was tampered with by hand; what is left of it is of no use. */
async function removeRemains(state: StateFolder, aside: string): Promise<void> {
  if ((await exists(state.dataDirectory)) || !(await exists(state.folder))) return
  await rename(state.folder, aside)
  // Another command may have put a complete one there at this very moment.
  if (await exists(join(aside, 'data'))) await rename(aside, state.folder)
  else await rm(aside, { recursive: true, force: true })
}

/**
 * Makes a server's data directory and password (initdb), beside their place, and puts them there complete or not at
 * all. Of several commands that do so at once one wins, and the others find its work.
 * @throws {CruddurError} `SERVER_DISK_FULL`, `SERVER_INIT_FAILED`, `INTERRUPTED`; then nothing is left behind
 */
export async function createCluster(state: StateFolder, options: ClusterOptions): Promise<void> {
  await removeLeftovers(state)
  const unfinished = `${state.folder}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`
  await removeRemains(state, unfinished)
  try {
    await build(unfinished, options)
    await claimState(unfinished, state)
  } finally {
    await rm(unfinished, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** What PostgreSQL accepts of a data directory's mode at most: 0750 (checkDataDir in its sources). */
const FORBIDDEN_MODE = 0o027

/**
 * Makes sure that the data can be served: of the right major version, owned by the account and closed to others. A
 * project that was copied or unpacked often has lost the last two; they are put right.
 * @throws {CruddurError} `SERVER_VERSION_MISMATCH`
 */
export async function prepareCluster(
  state: StateFolder,
  { binaries, user, onProgress }: ClusterOptions & { onProgress?: OnProgress | undefined },
): Promise<void> {
  const major = await dataMajor(state)
  if (major !== undefined && major !== /^\d+/.exec(binaries.version)?.[0])
    throw versionMismatch(state, major, binaries.version)
  const { uid, mode } = await stat(state.dataDirectory)
  const note = (text: string) => onProgress?.({ type: 'note', level: 'warning', text })
  if (user && uid !== user.uid) {
    await chownTree(state.folder, user)
    note(`The server's data belonged to another account; they are ${user.name}'s now.`)
  }
  if (process.platform !== 'win32' && (mode & FORBIDDEN_MODE) !== 0) {
    await chmod(state.dataDirectory, 0o700)
    note(`The server's data were open to other users; ${state.dataDirectory} is closed now (mode 0700).`)
  }
}
