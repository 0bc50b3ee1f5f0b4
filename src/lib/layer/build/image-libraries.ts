import { existsSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CruddurError } from '../../errors.ts'
import type { Architecture } from '../architectures.ts'
import { handOver, containerUser } from '../docker/container-user.ts'
import type { Engine } from '../docker/engine.ts'
import type { Image } from '../docker/image.ts'
import { runContainer } from '../docker/run-container.ts'
import { readElf } from '../elf/read-elf.ts'
import { type BuiltWheel, type CompiledFile, requireMachine } from './built-wheels.ts'

/** A shared library out of the image, for the layer's `lib` folder: `/opt/lib` is where the runtime's loader looks for it. */
export interface CopiedLibrary {
  /** The name under which it is needed, and of its file. */
  name: string
  path: string
  /** The file that needs it. */
  neededBy: string
}

export interface CopyLibrariesOptions {
  wheels: readonly BuiltWheel[]
  /** Names of the libraries that the runtime has. */
  provided: ReadonlySet<string>
  architecture: Architecture
  image: Image
  /** An empty folder, into which they are copied. */
  folder: string
  signal?: AbortSignal | undefined
}

/** How long a chain of libraries may be of which each needs the next; real ones have three or four. */
const MOST_ROUNDS = 16

/** Where the folder is in the container. */
const TARGET = '/libraries'

/**
 * Copies libraries by name from where the loader of the image, or what installs software besides it, has them. `$0` is the triplet
 * of Debian's folders.
 */
const SCRIPT = `
IFS=:
folders="$LD_LIBRARY_PATH:/lib64:/usr/lib64:/usr/local/lib64:/usr/local/lib:/lib/$0:/usr/lib/$0:/usr/local/lib/$0:/lib:/usr/lib"
for folder in /usr/pgsql-*/lib /usr/lib64/*/lib /opt/*/lib; do
  [ -d "$folder" ] && folders="$folders:$folder"
done
for name; do
  for folder in $folders; do
    if [ -f "$folder/$name" ]; then
      cp -L "$folder/$name" "${TARGET}/$name" || exit
      break
    fi
  done
done
:
`

/**
 * Copies the libraries that compiled files need, and that neither their wheels nor the runtime have, out of the image that they were
 * built in; and what those need in turn.
 * @throws {CruddurError} `BUILD_LIBRARY_MISSING` for one that the image has not either; `BUILD_WRONG_ARCHITECTURE`, and as `runContainer`
 */
export async function copyLibraries(engine: Engine, options: CopyLibrariesOptions): Promise<CopiedLibrary[]> {
  const { wheels, provided, architecture, folder } = options
  const there = new Set(provided)
  const found: CopiedLibrary[] = []
  let files: CompiledFile[] = wheels.flatMap(({ compiled }) => compiled)
  for (const { file, elf } of files) {
    there.add(file)
    if (elf.soname !== undefined) there.add(elf.soname)
  }
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const needed = neededLibraries(files, there)
    if (needed.size === 0) return found
    await copyOut(engine, options, [...needed.keys()])
    files = []
    for (const [name, neededBy] of needed) {
      there.add(name)
      const path = join(folder, name)
      const library = readCopied(path, name)
      if (library === undefined) throw missing(name, neededBy, options.image)
      requireMachine(name, library.elf, architecture)
      found.push({ name, path, neededBy })
      files.push(library)
    }
  }
  return found
}

/** What is needed and not there, and the first file that needs it. */
function neededLibraries(files: readonly CompiledFile[], there: ReadonlySet<string>): Map<string, string> {
  const needed = new Map<string, string>()
  for (const { name, elf } of files)
    for (const library of elf.needed)
      if (!there.has(library) && !needed.has(library)) needed.set(library, name)
  return needed
}

async function copyOut(
  engine: Engine,
  { image, architecture, folder, signal }: CopyLibrariesOptions,
  names: readonly string[],
): Promise<void> {
  // A path would lead out of the folder; as a name it is not found, and that is said.
  const plain = names.filter((name) => !name.includes('/'))
  await mkdir(folder, { recursive: true })
  await handOver(folder, containerUser(engine))
  await runContainer(engine, {
    image,
    purpose: 'libraries',
    command: ['/bin/sh', '-c', SCRIPT, architecture.triplet, ...plain],
    mounts: [{ source: folder, target: TARGET, readOnly: false }],
    network: 'none',
    signal,
  })
}

function readCopied(path: string, name: string): CompiledFile | undefined {
  if (name.includes('/') || !existsSync(path)) return undefined
  const elf = readElf(readFileSync(path), name)
  return elf && { name, file: name, elf }
}

function missing(library: string, neededBy: string, image: Image): CruddurError {
  return new CruddurError(
    `${neededBy} needs ${library}, which neither the runtime nor ${image.reference} has.`,
    {
      code: 'BUILD_LIBRARY_MISSING',
      hint: 'Name an image with --image that has the library.',
      details: { library, file: neededBy, image: image.reference },
    },
  )
}
