import { rm } from 'node:fs/promises'
import { notWritable, orNotWritable } from './env-file-errors.ts'
import { parseEnvBytes, withEnvValue } from './env-text.ts'
import { PRIVATE_MODE, readPresent, replaceFile, writeBeside } from './present-file.ts'

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

/** How often a change is made anew because another process has changed the file at the same moment. */
const TRIES = 100

/** The bits of a mode that let others than the owner in. */
const OTHERS = 0o077

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
  for (let tries = 0; tries < TRIES; tries++) {
    // oxlint-disable-next-line no-await-in-loop -- somebody else was faster
    const change = await trySetting(path, values)
    if (change) return change
  }
  throw notWritable(path, 'somebody else keeps changing it', 'Run one command on it at a time.')
}

/** Changes the file as it is now; `undefined` if somebody else has changed it meanwhile. */
async function trySetting(
  path: string,
  values: Readonly<Record<string, string | undefined>>,
): Promise<EnvFileChange | undefined> {
  const present = await orNotWritable(path, () => readPresent(path))
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
  const mode = present.stats?.mode ?? PRIVATE_MODE
  const tightened = (mode & OTHERS) !== 0
  if ((changed || tightened) && !(await orNotWritable(path, () => replaceFile(present, bytes))))
    return undefined
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
    const present = await readPresent(path)
    const trial = await writeBeside(present, present.bytes)
    await rm(trial)
  })
}

/**
 * A value that stands in a `.env` at present, whatever the environment says; `undefined` also where there is no file.
 * @throws {CruddurError} `ENV_FILE_NOT_WRITABLE`
 */
export async function readEnvValue(path: string, name: string): Promise<string | undefined> {
  const { bytes } = await orNotWritable(path, () => readPresent(path))
  return parseEnvBytes(bytes)[name]
}
