import type { MarkerEnvironment } from '../python/marker.ts'
import type { IndexFile } from '../resolve/index-file.ts'

/** A package as a lock file pins it. */
export interface LockedPackage {
  /** Normalised. */
  name: string
  version: string
  /** Its files, with where they are; `undefined` when the lock knows hashes only, and the index must be asked. */
  files: IndexFile[] | undefined
  /** SHA-256 in hex of the files that may be taken; `undefined` when the lock has none. */
  hashes: ReadonlySet<string> | undefined
  requiredBy: string[]
}

/** What is wanted from a lock file. */
export interface LockOptions {
  /** Path of the lock file. */
  path: string
  /** Markers are judged for this machine. */
  environment: MarkerEnvironment
  /** Names of optional dependencies that are wanted. */
  extras: readonly string[]
  /** Names of dependency groups that are wanted. */
  groups: readonly string[]
}
