import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { appendFile, mkdir, open, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { holdsPassword } from './secrets.ts'

/** How many entries are kept. */
export const HISTORY_SIZE = 1000

/** Only its owner may read what was typed. */
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

/**
 * The file is not followed to another place: whoever owns the folder could let root write there. (Windows has no such
 * flag.)
 */
const NO_LINK = constants.O_NOFOLLOW ?? 0
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | NO_LINK

/**
 * What was typed at earlier prompts: one entry for each statement or command, however many lines it has. In the file
 * an entry is a line, a JSON string; each is appended when it is made, so that two prompts do not lose each other's.
 */
export class History {
  /** Oldest first. */
  readonly entries: string[] = []
  readonly #path: string | undefined
  /** Why the file cannot be used, once that has shown. */
  failure: string | undefined

  private constructor(path: string | undefined) {
    this.#path = path
  }

  /** Reads the file; keeps the last entries in it. Without a path, or where it cannot be read, nothing is kept. */
  static async open(path: string | undefined): Promise<History> {
    const history = new History(path)
    if (path !== undefined) await history.#attempt(() => history.#load(path))
    return history
  }

  async #load(path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE })
    const text = await readOwn(path)
    const all = text.split('\n').flatMap(parseEntry)
    this.entries.push(...all.slice(-HISTORY_SIZE))
    if (all.length > HISTORY_SIZE) await this.#shorten(path)
  }

  async #shorten(path: string): Promise<void> {
    const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
    await writeFile(temporary, this.entries.map(formatEntry).join(''), { mode: FILE_MODE })
    await rename(temporary, path)
  }

  /** Keeps an entry, unless it is empty, the last one again, or holds a password. */
  async add(entry: string): Promise<void> {
    const text = entry.trimEnd()
    if (text.trim() === '' || text === this.entries.at(-1) || holdsPassword(text)) return
    this.entries.push(text)
    if (this.entries.length > HISTORY_SIZE) this.entries.shift()
    const path = this.#path
    if (path !== undefined && this.failure === undefined)
      await this.#attempt(() => appendFile(path, formatEntry(text), { mode: FILE_MODE, flag: APPEND }))
  }

  /** A prompt without history is better than none. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.failure = (error as Error).message
    }
  }
}

/** Reads the file, and makes it its owner's alone; empty where there is none. */
async function readOwn(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | NO_LINK).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  try {
    await file?.chmod(FILE_MODE)
    return (await file?.readFile('utf8')) ?? ''
  } finally {
    await file?.close()
  }
}

function formatEntry(entry: string): string {
  return `${JSON.stringify(entry)}\n`
}

/** A line that is no entry is left out. */
function parseEntry(line: string): string[] {
  try {
    const entry: unknown = JSON.parse(line)
    return typeof entry === 'string' ? [entry] : []
  } catch {
    return []
  }
}
