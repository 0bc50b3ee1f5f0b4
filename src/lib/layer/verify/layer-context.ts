import type { Architecture } from '../architectures.ts'
import type { ElfFile } from '../elf/elf-file.ts'
import type { Runtime } from '../runtimes.ts'
import type { Finding } from './findings.ts'
import type { InstalledPackage } from './packages.ts'
import type { LayerFile, LayerTree } from './tree/layer-tree.ts'

/** An ELF file in the layer, and what the loader sees of it. */
export interface LayerElf {
  file: LayerFile
  elf: ElfFile
}

/** A file that looks like a library and is none that Lambda can load. */
export interface OddBinary {
  file: LayerFile
  /** What it is instead; `damaged` for an ELF file that is cut off. */
  format: 'Mach-O' | 'PE' | 'damaged' | 'unknown'
  /** What is wrong with it, where that is known. */
  reason?: string
}

/** What the contents of a layer's files say. */
export interface LayerContents {
  elf: readonly LayerElf[]
  odd: readonly OddBinary[]
  packages: readonly InstalledPackage[]
  /** Whether the files were looked into; a layer that is far too large is only measured. */
  wasRead: boolean
}

/** One runtime or several. */
export type Runtimes = readonly [Runtime, ...Runtime[]]

/** What checks go by. */
export interface LayerContext extends LayerContents {
  tree: LayerTree
  /** The runtimes that it is for, mostly one. */
  runtimes: Runtimes
  arch: Architecture
  /** The package that a file belongs to, by the RECORDs. */
  ownerOf: (path: string) => InstalledPackage | undefined
  /** The current day, `YYYY-MM-DD`. */
  today: string
}

/** Looks for one kind of defect. */
export type Check = (layer: LayerContext) => Finding[]
