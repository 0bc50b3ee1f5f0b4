/** A wheel that was chosen. */
export interface ResolvedWheel {
  fileName: string
  /** Without a login; `file:` for one in a folder. */
  url: string
  /** In hex; `undefined` if the index does not say it: then the download does. */
  sha256: string | undefined
  /** In bytes; `undefined` if the index does not say it. */
  size: number | undefined
}

/** A package that goes into the layer. */
export interface ResolvedPackage {
  /** Normalised: `psycopg2-binary`. */
  name: string
  version: string
  wheel: ResolvedWheel
  /** Names of the packages that need it; empty if only the caller does. */
  requiredBy: string[]
  /** A newer version that would have been wanted, but has no wheel for the target. */
  passedOver?: { version: string; why: string; fits: string[] } | undefined
}

/** A package of which no wheel fits: it must be compiled. */
export interface SourceOnly {
  name: string
  version: string
  /** For people: which wheels there are instead. */
  why: string
  /** Runtimes that could use one of its wheels: `python3.12 on arm64`. */
  fits: string[]
  requiredBy: string[]
  /** Whether the packages that it needs are known, and among the others. If not, they show when it is built. */
  requirementsKnown: boolean
}

/** Who chose the versions. */
export type ResolvedBy = 'lock' | 'uv' | 'pip' | 'cruddur'

/** What a layer is to be made of, by name. */
export interface Resolution {
  packages: ResolvedPackage[]
  sourceOnly: SourceOnly[]
  by: ResolvedBy
  /** Why it was this one that chose, for people. */
  because: string
}
