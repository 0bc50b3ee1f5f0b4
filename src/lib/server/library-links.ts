import { symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { errnoOf } from './errno.ts'
import { exists, readIfThere } from './files.ts'

/** A link that the npm package could not carry: paths relative to the package, both in one folder. */
interface LibraryLink {
  source: string
  target: string
}

async function readLinks(packageFolder: string): Promise<LibraryLink[]> {
  const text = (await readIfThere(join(packageFolder, 'native', 'pg-symlinks.json'))) ?? '[]'
  const links: LibraryLink[] = JSON.parse(text)
  return links
}

/**
 * Makes the symbolic links between the shared libraries that are not there yet. npm packages hold no links; the
 * package's install script would make them, but install scripts are often switched off.
 * @param packageFolder holds `native/pg-symlinks.json`; nothing is done where there is no such file
 * @throws the error of `symlink` (`EACCES`, `EROFS`, …) where the folder cannot be written
 */
export async function makeLibraryLinks(packageFolder: string): Promise<void> {
  for (const { source, target } of await readLinks(packageFolder)) {
    if (dirname(source) !== dirname(target)) throw new Error(`the link ${target} leads to another folder`)
    const path = join(packageFolder, target)
    if (await exists(path)) continue
    await symlink(basename(source), path).catch((error: unknown) => {
      // Another command made it at the same moment.
      if (errnoOf(error) !== 'EEXIST') throw error
    })
  }
}
