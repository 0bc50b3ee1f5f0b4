import { CruddurError } from '../../src/lib/errors.ts'
import { loadScript, type LoadOptions, type LoadResult } from '../../src/lib/script/load-script.ts'
import { ScriptError } from '../../src/lib/script/script-error.ts'
import { parseConnectionUrl } from '../../src/lib/target/connection-url.ts'
import { scriptFolder } from './script-folder.ts'

type Given = Partial<Omit<LoadOptions, 'target'>>

/** Loads scripts that are given with their folder. */
export function loadFrom(url: string, options: Given & Pick<LoadOptions, 'directory' | 'scripts'>) {
  return loadScript({ target: parseConnectionUrl(url), ...options })
}

/** Loads the first of the files, which may include the others; they exist for the running test. */
export function loadFiles(
  url: string,
  files: Readonly<Record<string, string | Buffer>>,
  options: Given = {},
): Promise<LoadResult> {
  const [main = ''] = Object.keys(files)
  return loadFrom(url, { directory: scriptFolder(files), scripts: [main], ...options })
}

/** Loads a text as `script.sql`. */
export function loadText(url: string, text: string | Buffer, options: Given = {}): Promise<LoadResult> {
  return loadFiles(url, { 'script.sql': text }, options)
}

/** The error that the work ends with; anything but a CruddurError is a bug and is thrown on. */
export async function failureOf(work: Promise<unknown>): Promise<CruddurError> {
  try {
    await work
  } catch (error) {
    if (error instanceof CruddurError) return error
    throw error
  }
  throw new Error('it ended without an error')
}

/** The error of a script that the work ends with. */
export async function scriptErrorOf(work: Promise<unknown>): Promise<ScriptError> {
  const error = await failureOf(work)
  if (error instanceof ScriptError) return error
  throw error
}
