import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/**
 * Looks for psql in the folders of a PATH, in order. Relative folders are left out: a file that happens to lie where
 * one stands is not run.
 * @param path the PATH; `undefined` finds nothing
 * @returns the path of a file that may be executed
 */
export function findPsql(
  path: string | undefined,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const name = platform === 'win32' ? 'psql.exe' : 'psql'
  return (path ?? '')
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, name))
    .find(isProgram)
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
