import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type LayerJson, writeLayerJson } from '../layer-json.ts'
import { notWritten } from '../zip/output-file.ts'

/**
 * A zip and the file beside it under other names, until both are right: a layer that is not finished, or would not work, is never where
 * somebody takes it for one that does.
 */
export class Staging {
  readonly #zip: string
  readonly #json: string
  /** Where the zip is to be written. */
  readonly zip: string
  readonly #unfinished: string

  private constructor(zip: string, json: string) {
    this.#zip = zip
    this.#json = json
    const folder = dirname(zip)
    const mark = `.${basename(zip, '.zip')}.${randomBytes(4).toString('hex')}`
    this.zip = join(folder, `${mark}.zip`)
    this.#unfinished = join(folder, `${mark}.json`)
  }

  /**
   * Makes the folder where there is none.
   * @throws {CruddurError} `ZIP_NOT_WRITTEN`
   */
  static async open(zip: string, json: string): Promise<Staging> {
    const folder = dirname(zip)
    try {
      const made = await mkdir(folder, { recursive: true })
      // What belongs to this machine only is nothing for git.
      if (made !== undefined && basename(made) === '.cruddur')
        await writeFile(join(made, '.gitignore'), '*\n')
    } catch (error) {
      throw notWritten(folder, error as NodeJS.ErrnoException)
    }
    return new Staging(zip, json)
  }

  /**
   * Gives both their names.
   * @throws {CruddurError} `ZIP_NOT_WRITTEN`
   */
  async commit(layer: LayerJson): Promise<void> {
    try {
      writeLayerJson(this.#unfinished, layer)
      await rename(this.zip, this.#zip)
      await rename(this.#unfinished, this.#json)
    } catch (error) {
      throw notWritten(this.#zip, error as NodeJS.ErrnoException)
    }
  }

  /** Removes what has not got its name. */
  async close(): Promise<void> {
    await Promise.all([this.zip, this.#unfinished].map((path) => rm(path, { force: true })))
  }
}
