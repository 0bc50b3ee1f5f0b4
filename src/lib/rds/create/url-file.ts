/** The file that the connection URL is kept in: the project's `.env`. */
export interface UrlFile {
  path: string
  /** Fails where the file could not be written. */
  ensureWritable(): Promise<void>
  /** A value that stands there, `undefined` if there is none. */
  read(name: string): Promise<string | undefined>
  /** Writes values, all at once or none; one that is `undefined` is taken out. */
  write(values: Readonly<Record<string, string | undefined>>): Promise<unknown>
}
