import { ensureEnvWritable, readEnvValue, setEnvValues } from '../config/env-file.ts'
import type { UrlFile } from '../rds/url-file.ts'

/** A `.env` as the file that verbs keep connection URLs in. */
export function envUrlFile(path: string): UrlFile {
  return {
    path,
    ensureWritable: () => ensureEnvWritable(path),
    read: (name) => readEnvValue(path, name),
    write: (values) => setEnvValues(path, values),
  }
}
