import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { CruddurError } from '../errors.ts'
import { ARCHITECTURES, type ArchitectureName } from './architectures.ts'
import { type PythonVersion, RUNTIMES } from './runtimes.ts'

/** A package that is in a layer. */
export interface LayerWheel {
  /** As its authors write it. */
  name: string
  version: string
  /** Of the wheel. */
  fileName: string
  /** Of the wheel, in hexadecimal. */
  sha256: string
  /** An SPDX expression, or what the package says instead. */
  licence?: string | undefined
  /** Where it can be downloaded again; without a login. */
  url?: string | undefined
  /** Bytes of the wheel. */
  size?: number | undefined
}

/** What a later build wants to know of this one. */
export interface BuildRecord {
  /** Which cruddur it was. */
  tool: string
  /** Changes with anything that the bytes of the zip depend on. */
  key: string
  /** Changes with anything that the choice of wheels depends on. */
  resolutionKey: string
  /** Whether what was asked for names every version, so that there can be no newer ones. */
  pinned: boolean
  /** Whether the zip was verified. */
  verified: boolean
  /** Whether every wheel has an address that always gives the same; one in a folder may be exchanged. */
  settled: boolean
  /** Libraries that built packages need and no runtime has; they are in the layer's `lib`. */
  libraries?: { fileName: string; sha256: string; size: number }[] | undefined
  /** Why another machine may make other bytes of the same; absent as a rule. */
  notReproducible?: string | undefined
  packages: PackageSize[]
}

/** What a package takes in a layer; all in bytes. */
export interface PackageSize {
  name: string
  version: string
  files: number
  unzipped: number
  zipped: number
  /** Left out as not needed at run time. */
  pruned: number
  /** Saved by stripping. */
  stripped: number
}

/** What stands in `NAME.layer.json` beside a layer's zip: what was put in, how, and what came out. */
export interface LayerJson {
  name: string
  python: PythonVersion
  arch: ArchitectureName
  /** Where the wheels came from. */
  builder: 'wheels' | 'docker'
  wheels: LayerWheel[]
  /** The image that built them, where one did. */
  image?: { reference: string; digest: string } | undefined
  /** What the build was asked for. */
  options: Record<string, unknown>
  /** Bytes. */
  sizes: { zip: number; unzipped: number }
  /** Base64 of the zip's SHA-256, as Lambda shows it. */
  codeSha256: string
  build?: BuildRecord | undefined
}

/**
 * Reads such a file.
 * @returns `undefined` when there is none
 * @throws {CruddurError} `LAYER_JSON_INVALID`
 */
export function readLayerJson(path: string): LayerJson | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw invalid(path, `it cannot be read (${message})`, error)
  }
  return parseLayerJson(text, path)
}

/** Writes such a file; it appears whole or not at all. Two builds of the same layer write the same bytes. */
export function writeLayerJson(path: string, layer: LayerJson): void {
  const unfinished = `${path}.${process.pid}.part`
  try {
    writeFileSync(unfinished, `${JSON.stringify(inOrder(layer), undefined, 2)}\n`)
    renameSync(unfinished, path)
  } finally {
    rmSync(unfinished, { force: true })
  }
}

function inOrder({
  name,
  python,
  arch,
  builder,
  wheels,
  image,
  options,
  sizes,
  codeSha256,
  build,
}: LayerJson) {
  const sorted = wheels.toSorted((a, b) => (a.fileName < b.fileName ? -1 : 1))
  return { name, python, arch, builder, wheels: sorted, image, options, sizes, codeSha256, build }
}

/** One thing that must hold of such a file. */
type Rule = readonly [what: string, holds: (layer: Record<string, unknown>) => boolean]

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
/** 32 bytes in base64, and in hexadecimal. */
const BASE64_SHA256 = /^[A-Za-z0-9+/]{43}=$/
const HEX_SHA256 = /^[0-9a-f]{64}$/

const RULES: readonly Rule[] = [
  ['name', ({ name }) => isText(name)],
  ['python', ({ python }) => RUNTIMES.some((runtime) => runtime.python === python)],
  ['arch', ({ arch }) => ARCHITECTURES.some(({ name }) => name === arch)],
  ['builder', ({ builder }) => builder === 'wheels' || builder === 'docker'],
  ['wheels', ({ wheels }) => Array.isArray(wheels) && wheels.every(isWheel)],
  [
    'image',
    ({ image }) =>
      image === undefined || (isObject(image) && isText(image['reference']) && isText(image['digest'])),
  ],
  ['options', ({ options }) => isObject(options)],
  ['sizes', ({ sizes }) => isObject(sizes) && isCount(sizes['zip']) && isCount(sizes['unzipped'])],
  ['build', ({ build }) => build === undefined || (isObject(build) && Array.isArray(build['packages']))],
  ['codeSha256', ({ codeSha256 }) => isText(codeSha256) && BASE64_SHA256.test(codeSha256)],
]

function isWheel(wheel: unknown): boolean {
  if (!isObject(wheel)) return false
  const { name, version, fileName, sha256, licence } = wheel
  return (
    [name, version, fileName].every(isText) &&
    isText(sha256) &&
    HEX_SHA256.test(sha256) &&
    (licence === undefined || typeof licence === 'string')
  )
}

function parseLayerJson(text: string, path: string): LayerJson {
  let layer: unknown
  try {
    layer = JSON.parse(text)
  } catch (error) {
    throw invalid(path, 'it is not JSON', error)
  }
  if (!isObject(layer)) throw invalid(path, 'it is not an object')
  const broken = RULES.find(([, holds]) => !holds(layer))
  if (broken) throw invalid(path, `"${broken[0]}" is missing or not as it should be`)
  return layer as unknown as LayerJson
}

function invalid(path: string, reason: string, cause?: unknown): CruddurError {
  return new CruddurError(`"${path}" does not describe a layer: ${reason}.`, {
    code: 'LAYER_JSON_INVALID',
    hint: 'Build the layer again: cruddur layer build writes the file.',
    details: { file: path },
    cause,
  })
}
