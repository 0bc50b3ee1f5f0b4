/** A part of the file that the loader maps into memory (PT_LOAD). All are bytes. */
export interface LoadSegment {
  offset: number
  address: number
  fileSize: number
  memorySize: number
  /** A power of two, or 0 or 1 for none; `offset` and `address` must be equal modulo this, or the loader refuses the file. */
  align: number
}

/** A symbol version that a file needs of a library. */
interface NeededVersion {
  /** E.g. `GLIBC_2.17`. */
  name: string
  /** The loader only warns when the library lacks it (VER_FLG_WEAK). */
  weak: boolean
}

/** The symbol versions that a file needs of one library. */
export interface VersionNeed {
  /** The library's soname, `libc.so.6`. */
  library: string
  versions: NeededVersion[]
}

/** A symbol version that a library defines. */
export interface VersionDefinition {
  name: string
  /** The entry that only repeats the library's own name (VER_FLG_BASE). */
  base: boolean
  /** The versions that this one succeeds. */
  parents: string[]
}

/** What a file is to the loader: `shared` is a library or an extension module, and also a program that can be put anywhere. */
export type ElfType = 'relocatable' | 'executable' | 'shared' | 'core' | 'other'

/** What the dynamic loader sees of an ELF file. */
export interface ElfFile {
  bits: 32 | 64
  littleEndian: boolean
  /** `e_machine`: 62 is x86-64, 183 AArch64. */
  machine: number
  type: ElfType
  loadSegments: LoadSegment[]
  /** Whether it has a dynamic section; without one the loader has nothing to link. */
  dynamic: boolean
  /** Paths and names of the libraries that it needs, in their order. */
  needed: string[]
  soname: string | undefined
  /** The older search path, as it stands in the file: parts between colons, perhaps with `$ORIGIN`. */
  rpath: string | undefined
  /** The newer search path; where there is one, the loader does not look at `rpath`. */
  runpath: string | undefined
  /** The dynamic loader that a program asks for (PT_INTERP). */
  interpreter: string | undefined
  versionNeeds: VersionNeed[]
  versionDefinitions: VersionDefinition[]
}
