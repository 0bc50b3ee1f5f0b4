import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Keeps the METADATA of wheels by the wheels' SHA-256, so that it never goes stale. What cannot be kept is read again. */
export class MetadataCache {
  readonly #folder: string

  /** @param folder is made when it is needed */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** @returns `undefined` if it is not here */
  async read(sha256: string | undefined): Promise<string | undefined> {
    if (sha256 === undefined) return undefined
    return readFile(this.#path(sha256), 'utf8').catch(() => undefined)
  }

  async write(sha256: string | undefined, text: string): Promise<void> {
    if (sha256 === undefined) return
    const path = this.#path(sha256)
    const temporary = `${path}.${process.pid}`
    try {
      await mkdir(this.#folder, { recursive: true })
      await writeFile(temporary, text)
      await rename(temporary, path)
    } catch {
      // A cache that cannot be written costs time, nothing else.
    }
  }

  #path(sha256: string): string {
    return join(this.#folder, `${sha256}.metadata`)
  }
}
