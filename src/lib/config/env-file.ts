import { randomBytes } from 'node:crypto'
import { type FileHandle, open, readFile, readlink, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { CruddurError } from '../errors.ts'
import { parseEnvBytes, withEnvValue } from './env-text.ts'

/** What became of a `.env`. */
export interface EnvFileChange {
  /** The file itself, where the `.env` is a symbolic link to it. */
  path: string
  created: boolean
  /** Whether anything but the mode was changed. */
  changed: boolean
  /** The mode that the file had, in octal (`644`), if others could read or write it; now it has 600. */
  tightenedFrom: string | undefined
}

/** Only its owner may read a file of passwords. */
const MODE = 0o600
const OTHERS = 0o077
const OWNER_MAY_WRITE = 0o200

/** How many symbolic links are followed, as Linux does. */
const MOST_LINKS = 40

/** Byte order marks of UTF-16, which a shell of Windows writes. */
const UTF_16: ReadonlySet<string> = new Set(['fffe', 'feff'])

/** The file as it is; all but the path is missing where there is none. */
interface Present {
  path: string
  bytes: Buffer
  stats: { mode: number; uid: number; gid: number } | undefined
}

/**
 * Writes a value into a `.env`, with the mode 600. It is there completely or not at all, whatever happens meanwhile; all other
 * lines stay as they are, byte for byte, and all other values as well. A file that is not there is made; of a symbolic
 * link, the file it leads to is changed.
 * @throws {CruddurError} `ENV_FILE_NOT_WRITABLE`; the file is as it was
 */
export function setEnvValue(path: string, name: string, value: string): Promise<EnvFileChange> {
  return setEnvValues(path, { [name]: value })
}

/**
 * The same with several values at once; one that is `undefined` is taken out.
 * @throws {CruddurError} `ENV_FILE_NOT_WRITABLE`; the file is as it was
 */
export async function setEnvValues(
  path: string,
  values: Readonly<Record<string, string | undefined>>,
): Promise<EnvFileChange> {
  const present = await orNotWritable(path, () => read(path))
  let bytes = present.bytes
  for (const [name, value] of Object.entries(values)) {
    const changed = withEnvValue(bytes, name, value)
    if (!changed)
      throw notWritable(
        path,
        `${name} cannot be put so that it is read back`,
        'Look for a quote that is not closed.',
      )
    bytes = changed
  }
  const changed = !bytes.equals(present.bytes)
  const mode = present.stats?.mode ?? MODE
  const tightened = (mode & OTHERS) !== 0
  if (changed || tightened) await orNotWritable(path, () => replace(present, bytes))
  return {
    path: present.path,
    created: changed && present.stats === undefined,
    changed,
    tightenedFrom: tightened ? (mode & 0o777).toString(8) : undefined,
  }
}

/**
 * Makes sure that a `.env` can be written, before something is done whose outcome must be kept there.
 * @throws {CruddurError} `ENV_FILE_NOT_WRITABLE`
 */
export async function ensureEnvWritable(path: string): Promise<void> {
  await orNotWritable(path, async () => {
    const present = await read(path)
    const trial = await writeBeside(present, present.bytes)
    await rm(trial)
  })
}

/**
 * A value that stands in a `.env` at present, whatever the environment says; `undefined` also where there is no file.
 * @throws {CruddurError} `ENV_FILE_NOT_WRITABLE`
 */
export async function readEnvValue(path: string, name: string): Promise<string | undefined> {
  const { bytes } = await orNotWritable(path, () => read(path))
  return parseEnvBytes(bytes)[name]
}

async function read(path: string): Promise<Present> {
  const real = await followLinks(path)
  const stats = await stat(real).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
  if (!stats) return { path: real, bytes: Buffer.alloc(0), stats }
  if (!stats.isFile()) throw notWritable(path, 'it is no file', 'Move what is there away.')
  // Root could, but whoever took the right away meant it.
  if ((stats.mode & OWNER_MAY_WRITE) === 0)
    throw notWritable(path, 'it is read-only', `If it may be changed: chmod u+w ${real}`)
  const bytes = await readFile(real)
  if (UTF_16.has(bytes.toString('hex', 0, 2)) || bytes.includes(0))
    throw notWritable(path, 'it is not UTF-8', 'Save it as UTF-8.')
  return { path: real, bytes, stats }
}

/** The file that symbolic links lead to; it need not exist. */
async function followLinks(path: string): Promise<string> {
  let at = resolve(path)
  for (let links = 0; links < MOST_LINKS; links++) {
    const next = await readlink(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EINVAL' || error.code === 'ENOENT' || error.code === 'UNKNOWN') return undefined
      throw error
    })
    if (next === undefined) return at
    at = resolve(dirname(at), next)
  }
  throw notWritable(path, 'its symbolic links lead in a circle', 'Put a file there.')
}

async function replace(present: Present, bytes: Buffer): Promise<void> {
  const written = await writeBeside(present, bytes)
  try {
    await rename(written, present.path)
  } catch (error) {
    await rm(written, { force: true })
    throw error
  }
  await keepFolder(dirname(present.path))
}

/** Writes a file next to the present one, complete and on the disk, that may take its place. */
async function writeBeside({ path, stats }: Present, bytes: Buffer): Promise<string> {
  const temporary = join(dirname(path), `${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  let file: FileHandle | undefined
  try {
    file = await open(temporary, 'wx', MODE)
    await file.writeFile(bytes)
    // Only root may give a file away.
    if (stats) await file.chown(stats.uid, stats.gid).catch(() => undefined)
    await file.sync()
    await file.close()
    return temporary
  } catch (error) {
    await file?.close().catch(() => undefined)
    if (file) await rm(temporary, { force: true })
    throw error
  }
}

/** Has the folder's new entry on the disk, too, where the system can do that. */
async function keepFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

async function orNotWritable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CruddurError) throw error
    const code = (error as NodeJS.ErrnoException).code ?? ''
    const [reason, hint] = REASONS[code] ?? [
      code || String(error),
      'Correct that, or work in another folder.',
    ]
    throw notWritable(path, reason, hint, error)
  }
}

/** What Node's code of an error means here, and what to do. */
const REASONS: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  EACCES: ['this user may not write there', 'Correct the rights on its folder.'],
  EPERM: ['this user may not write there', 'Correct the rights on its folder.'],
  EROFS: ['its file system is read-only', 'Work in a folder that can be written.'],
  ENOSPC: ['the disk is full', 'Make room on the disk.'],
  EDQUOT: ["this user's share of the disk is full", 'Make room on the disk.'],
  ENOENT: ['its folder does not exist', 'Make the folder.'],
  ENOTDIR: ['its folder is none', 'Make the folder.'],
  EBUSY: ['it is mounted by itself', 'Mount its folder instead of the one file.'],
}

function notWritable(path: string, reason: string, hint: string, cause?: unknown): CruddurError {
  return new CruddurError(`The file "${path}" cannot be written: ${reason}.`, {
    code: 'ENV_FILE_NOT_WRITABLE',
    hint,
    details: { path },
    cause,
  })
}
