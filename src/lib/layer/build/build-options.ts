import type { VerbOptions } from '../../progress.ts'
import type { ArchitectureName } from '../architectures.ts'
import type { NetworkSettings } from '../http/http-client.ts'
import type { LayerWheel, PackageSize } from '../layer-json.ts'
import type { IndexSettings } from '../resolve/index-client.ts'
import type { ResolvedBy } from '../resolve/resolution.ts'
import type { ResolverName } from '../resolve/resolve-packages.ts'
import type { Target } from '../resolve/target.ts'
import type { PythonVersion } from '../runtimes.ts'
import type { VerifyLayerResult } from '../verify/verify-layer.ts'
import type { LayerLayout } from '../wheel/place-wheel.ts'

/** Where wheels come from: `wheels` downloads them all, `docker` builds them all, `auto` builds only what has no wheel. */
export type BuilderName = 'auto' | 'wheels' | 'docker'

export interface BuildOptions extends VerbOptions {
  /** What relative paths begin at. */
  directory: string
  /** E.g. `psycopg2-binary`, `pillow==11.3.0`. */
  requirements?: readonly string[] | undefined
  /** Requirements files, locks and `pyproject.toml`. */
  files?: readonly string[] | undefined
  extras?: readonly string[] | undefined
  groups?: readonly string[] | undefined
  /** 3.13 by default. */
  python?: string | undefined
  /** arm64 by default. */
  arch?: string | undefined
  /** The layer's name; by default it is made of what was asked for, with Python's version and the architecture. */
  name?: string | undefined
  /** The project's name, for a layer that is not named after a package; that of the folder by default. */
  project?: string | undefined
  /** `python` by default. */
  layout?: LayerLayout | undefined
  /** The folder that the zip goes into. */
  out: string
  /** `auto` by default. */
  builder?: BuilderName | undefined
  /** The image to build in, instead of the runtime's. */
  image?: string | undefined
  /** Whether symbols that nobody needs at run time are stripped of libraries. */
  strip?: boolean | undefined
  /** Whether what no function needs is left out; true by default. */
  prune?: boolean | undefined
  /** Patterns of files that are not pruned (see `pathPattern`). */
  keep?: readonly string[] | undefined
  /** Where wheels and metadata are kept between runs. */
  cacheFolder: string
  /** Whether what earlier runs left may be used; true by default. */
  cache?: boolean | undefined
  /** Whether newer versions are looked for although the same was built before. */
  upgrade?: boolean | undefined
  /** Whether it must be the layer that the `.layer.json` describes, byte by byte. */
  frozen?: boolean | undefined
  /** Whether only is told what would be in the layer. */
  dryRun?: boolean | undefined
  index?: IndexSettings | undefined
  network?: NetworkSettings | undefined
  resolver?: ResolverName | undefined
  /** For `${VARIABLES}` in requirements files, and for the processes of uv, pip and strip. */
  environment: Readonly<Record<string, string | undefined>>
  /** Where the user's settings of pip are, for containers. */
  home?: string | undefined
  /** Which cruddur this is: `cruddur 0.1.0`. Another version builds anew. */
  tool: string
  now?: (() => Date) | undefined
  /** Judges the zip before it gets its name; `verifyLayer` by default, and nothing does with `false`. */
  verify?: VerifyZip | false | undefined
  /** Builds wheels of what has none; Docker does by default. */
  buildWheels?: BuildWheels | undefined
}

/** What the check of a zip came to. */
export type Verdict = Pick<VerifyLayerResult, 'ok' | 'findings' | 'counts' | 'versions'>

/** Judges a zip for a runtime on an architecture. */
export type VerifyZip = (zip: string, target: Target, options: VerbOptions) => Promise<Verdict>

/** A file that was built. */
export interface BuiltFile {
  path: string
  fileName: string
}

/** What is to be built. */
export interface BuildRequest {
  /** As in a requirements file, e.g. `psycopg2==2.9.13`. */
  requirements: readonly string[]
  /** Files of requirements. */
  requirementFiles: readonly string[]
  /** Whether the packages that they need are built, or downloaded, as well. */
  dependencies: boolean
}

interface BuildWheelsOptions extends VerbOptions, BuildRequest {
  target: Target
  /** The image to build in, instead of the runtime's. */
  image: string | undefined
  /** The folder that gets what is built. */
  output: string
  index: IndexSettings
  environment: Readonly<Record<string, string | undefined>>
  home: string | undefined
}

/** What was built. */
export interface BuiltWheels {
  /** `name` is the package's, normalised. */
  wheels: (BuiltFile & { name: string })[]
  /** Libraries that they need and no runtime has: they go to the layer's `lib`. */
  libraries: BuiltFile[]
  image: { reference: string; digest: string }
}

/** Builds wheels in the image of a runtime. */
export type BuildWheels = (options: BuildWheelsOptions) => Promise<BuiltWheels>

/**
 * What became of it: `built` a new zip, `unchanged` the zip that was there is the one, `planned` with `dryRun`, `reproduced` with `frozen`
 * when the same bytes came out.
 */
export type BuildOutcome = 'built' | 'unchanged' | 'planned' | 'reproduced'

/** A package that has a newer version, which does not fit the runtime. */
export interface PassedOver {
  name: string
  /** The version that the layer gets. */
  version: string
  /** The newer one. */
  newer: string
  why: string
}

export interface BuildResult {
  outcome: BuildOutcome
  name: string
  /** Path of the zip. */
  zip: string
  /** Path of the file that describes it. */
  layerJson: string
  python: PythonVersion
  arch: ArchitectureName
  layout: LayerLayout
  /** From where it was taken what to put in: `requirements.txt`. */
  origin: string
  builder: 'wheels' | 'docker'
  /** Who chose the versions; `undefined` when those of the last build were taken. */
  resolvedBy: ResolvedBy | undefined
  wheels: LayerWheel[]
  /** What would have to be built; only with `dryRun`. */
  sources: { name: string; version: string; why: string }[]
  passedOver: PassedOver[]
  /** What each package takes; empty with `dryRun`. */
  packages: PackageSize[]
  /** Bytes of the zip and of its content; 0 with `dryRun`. */
  sizes: { zip: number; unzipped: number }
  /** Base64, as Lambda shows it; `undefined` with `dryRun`. */
  codeSha256: string | undefined
  /** Whether a zip of the size can only be published through S3. */
  needsS3: boolean
  /** Whether there can be no newer versions, because all are pinned. */
  pinned: boolean
  /** What the check of the zip said; `undefined` when it was not checked. */
  verdict: Verdict | undefined
  warnings: string[]
  /** Milliseconds. */
  ms: number
}
