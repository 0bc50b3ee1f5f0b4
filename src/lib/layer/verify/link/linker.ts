import { posix } from 'node:path'
import { CruddurError } from '../../../errors.ts'
import type { Architecture } from '../../architectures.ts'
import type { ElfFile } from '../../elf/elf-file.ts'
import type { LayerElf } from '../layer-context.ts'
import type { LayerLink } from '../tree/layer-tree.ts'
import { LAYER_LIBRARY_FOLDER, RUNTIME_FOLDERS, type RuntimeLibrary } from './runtime-libraries.ts'
import { expand, inOpt, OPT, searchFolders } from './search-path.ts'

/** Something in memory: a file of the layer, or a library of the runtime. */
export interface Loaded {
  /** The file in the layer; `undefined` for a library of the runtime. */
  file: LayerElf | undefined
  /** How sure it is that the runtime has it; `undefined` for a file of the layer. */
  runtime: RuntimeLibrary | undefined
  /** What asked for it; `undefined` for the first one. */
  loader: Loaded | undefined
}

/** A library that was asked for and not found. */
interface Missing {
  /** What needs it. */
  file: LayerElf
  library: string
}

/** What comes of loading a file with all that it needs. */
export interface LinkResult {
  /** In the order in which the loader takes them in. */
  loaded: Loaded[]
  /** The same by the names under which they were asked for, and their sonames: who asks again gets what is there. */
  byName: Map<string, Loaded>
  byFile: Map<LayerElf, Loaded>
  missing: Missing[]
}

/** Libraries that are asked for in one layer at most; real layers have some thousand such requests. */
const MOST_REQUESTS = 2_000_000

/** What there is for the loader. */
export interface LinkerWorld {
  /** Files that it can load: for the right processor. */
  elf: readonly LayerElf[]
  links: readonly LayerLink[]
  libraries: ReadonlyMap<string, RuntimeLibrary>
  arch: Pick<Architecture, 'wheel'>
}

/** Does what glibc's dynamic loader does in a function of Lambda with the layer at /opt (ld.so(8); glibc, elf/dl-load.c). */
export class Linker {
  readonly #byPath: Map<string, LayerElf>
  readonly #libraries: ReadonlyMap<string, RuntimeLibrary>
  readonly #platform: string
  #requestsLeft = MOST_REQUESTS

  constructor({ elf, links, libraries, arch }: LinkerWorld) {
    this.#byPath = new Map(elf.map((one) => [inOpt(one.file.path), one]))
    this.#libraries = libraries
    this.#platform = arch.wheel
    for (const { path, leadsTo } of links) {
      const file = leadsTo === undefined ? undefined : this.#byPath.get(inOpt(leadsTo))
      if (file) this.#byPath.set(inOpt(path), file)
    }
  }

  /** Loads a file as `dlopen` does, in a process that has nothing of the layer yet: what it needs first, then what those need. */
  load(root: LayerElf): LinkResult {
    const result: LinkResult = { loaded: [], byName: new Map(), byFile: new Map(), missing: [] }
    add(result, { file: root, runtime: undefined, loader: undefined }, posix.basename(root.file.path))
    // The list grows while it is gone through: breadth first.
    for (const one of result.loaded) {
      if (one.file === undefined) continue
      for (const library of one.file.elf.needed) {
        this.#count()
        const name = expand(library, one.file.file.path, this.#platform)
        if (result.byName.has(name)) continue
        const found = this.#find(name, one)
        if (found) add(result, found, name)
        else result.missing.push({ file: one.file, library: name })
      }
    }
    return result
  }

  #count(): void {
    this.#requestsLeft -= 1
    if (this.#requestsLeft >= 0) return
    throw new CruddurError('The libraries of the layer need each other in too many ways.', {
      code: 'LAYER_TOO_COMPLEX',
      hint: 'This is no layer that a tool has built: look where it comes from.',
    })
  }

  #find(name: string, asking: Loaded): Loaded | undefined {
    const runtime = this.#libraries.get(name)
    if (runtime === 'loaded') return ofRuntime(runtime, asking)
    if (name.includes('/')) return this.#fileAt(posix.resolve('/var/task', name), asking)
    for (const folder of this.#foldersBefore(asking)) {
      const found = this.#inFolder(folder, name, asking)
      if (found) return found
    }
    if (runtime === 'present') return ofRuntime(runtime, asking)
    const elf = asking.file as LayerElf
    const after = [LAYER_LIBRARY_FOLDER, ...searchFolders(elf.elf.runpath, elf.file.path, this.#platform)]
    for (const folder of after) {
      const found = this.#inFolder(folder, name, asking)
      if (found) return found
    }
    return runtime && ofRuntime(runtime, asking)
  }

  /** RPATH of the file and of all that led to it; one that has a RUNPATH has no say, and is asked only for its own. */
  #foldersBefore(asking: Loaded): string[] {
    if (asking.file?.elf.runpath !== undefined) return []
    const folders: string[] = []
    for (let one: Loaded | undefined = asking; one?.file; one = one.loader) {
      const { file, elf } = one.file
      if (elf.runpath === undefined) folders.push(...searchFolders(elf.rpath, file.path, this.#platform))
    }
    return folders
  }

  #inFolder(folder: string, name: string, asking: Loaded): Loaded | undefined {
    if (folder === OPT || folder.startsWith(`${OPT}/`)) return this.#fileAt(posix.join(folder, name), asking)
    const runtime = RUNTIME_FOLDERS.includes(folder) ? this.#libraries.get(name) : undefined
    return runtime && ofRuntime(runtime, asking)
  }

  #fileAt(path: string, asking: Loaded): Loaded | undefined {
    const file = this.#byPath.get(path)
    return file && { file, runtime: undefined, loader: asking }
  }
}

function ofRuntime(runtime: RuntimeLibrary, loader: Loaded): Loaded {
  return { file: undefined, runtime, loader }
}

/** Takes something into memory; a file that is there already under another name gets this one as well. */
function add(result: LinkResult, found: Loaded, name: string): void {
  const soname = found.file?.elf.soname
  const known = found.file && result.byFile.get(found.file)
  result.byName.set(name, known ?? found)
  if (known) return
  result.loaded.push(found)
  if (found.file) result.byFile.set(found.file, found)
  if (soname !== undefined && !result.byName.has(soname)) result.byName.set(soname, found)
}

/** The files that are loaded by themselves: extension modules, and libraries that no other file needs. */
export function linkRoots(elf: readonly LayerElf[], isExtension: (path: string) => boolean): LayerElf[] {
  const needed = new Set(
    elf.flatMap(({ elf: { needed: names } }) => names.map((name) => posix.basename(name))),
  )
  return elf.filter(
    ({ file, elf: read }) =>
      isLoadable(read) &&
      (isExtension(file.path) ||
        ![posix.basename(file.path), read.soname].some((name) => name !== undefined && needed.has(name))),
  )
}

/** Whether the loader has something to do with a file. */
export function isLoadable({ type, dynamic }: ElfFile): boolean {
  return dynamic && (type === 'shared' || type === 'executable')
}
