import { ensureEnvWritable, readEnvValue, setEnvValues } from './env-file.ts'

/** A `.env` as verbs want a file for connection URLs (`UrlFile`). */
export function envUrlFile(path: string) {
  return {
    path,
    ensureWritable: () => ensureEnvWritable(path),
    read: (name: string) => readEnvValue(path, name),
    write: (values: Readonly<Record<string, string | undefined>>) => setEnvValues(path, values),
  }
}
