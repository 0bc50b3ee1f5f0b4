import { basename } from 'node:path'
import { CruddurError, UsageError } from '../../errors.ts'
import { groupedDigits } from '../../grouped-digits.ts'
import { findArchitecture } from '../architectures.ts'
import { hashFile } from '../hash-file.ts'
import { requireLayerName } from '../lambda/layer-arn.ts'
import { type LayerJson, readLayerJson } from '../layer-json.ts'
import { LIMITS } from '../limits.ts'
import { layerJsonPath } from '../newest-layer.ts'
import { findRuntime } from '../runtimes.ts'
import { ZipArchive } from '../zip/read-zip.ts'
import { describeLayer, rollUpLicences } from './layer-texts.ts'

export interface PublicationOptions {
  /** Path of the layer's zip. */
  zip: string
  /** The layer's name; that of the build, else of the file, by default. */
  name?: string | undefined
  /** Python versions that it is for, instead of that of the build. */
  pythons?: readonly string[] | undefined
  /** Architectures that it is for, instead of that of the build. */
  architectures?: readonly string[] | undefined
  description?: string | undefined
  /** An SPDX expression, a URL or a text, instead of the packages' licences. */
  licence?: string | undefined
  signal?: AbortSignal | undefined
}

/** What is to be published, as far as it can be told without AWS. */
export interface Publication {
  name: string
  zip: string
  /** Bytes. */
  size: number
  unzippedSize: number
  /** In hexadecimal. */
  sha256: string
  /** The same in base64. */
  codeSha256: string
  runtimes: string[]
  architectures: string[]
  description: string
  licence: string | undefined
}

/**
 * Reads a layer's zip and what stands beside it, and makes sure that Lambda can take it.
 * @throws {UsageError} `FILE_NOT_READABLE`, `LAYER_NAME_INVALID`, `LAYER_TARGET_UNKNOWN`, `LAYER_TEXT_TOO_LONG`,
 *   `UNKNOWN_RUNTIME`, `UNKNOWN_ARCHITECTURE`
 * @throws {CruddurError} `LAYER_TOO_LARGE`, `LAYER_CHANGED`, `LAYER_JSON_INVALID`, `ZIP_INVALID`
 */
export async function planPublication(options: PublicationOptions): Promise<Publication> {
  const { zip, signal } = options
  requireText('description', options.description, LIMITS.description)
  requireText('licence', options.licence, LIMITS.licence)
  const layer = readLayerJson(layerJsonPath(zip))
  const name = requireLayerName(options.name ?? layer?.name ?? basename(zip).replace(/\.zip$/i, ''))
  const target = targetOf(options, layer)
  const sizes = sizesOf(zip)
  const { hex, base64 } = await hashFile(zip, signal)
  if (layer && layer.codeSha256 !== base64) throw changed(zip)
  return {
    name,
    zip,
    ...sizes,
    sha256: hex,
    codeSha256: base64,
    ...target,
    description: options.description ?? (layer ? describeLayer(layer) : ''),
    licence: options.licence ?? rollUpLicences(layer?.wheels.map(({ licence }) => licence) ?? []),
  }
}

function requireText(what: string, text: string | undefined, limit: number): void {
  if (text === undefined || text.length <= limit) return
  throw new UsageError(`The ${what} has ${text.length} characters; Lambda takes ${limit}.`, {
    code: 'LAYER_TEXT_TOO_LONG',
    hint: 'Shorten it.',
  })
}

function targetOf(
  { pythons = [], architectures = [], zip }: PublicationOptions,
  layer: LayerJson | undefined,
): Pick<Publication, 'runtimes' | 'architectures'> {
  const runtimes = (pythons.length > 0 ? pythons : layer ? [layer.python] : []).map(
    (one) => findRuntime(one).name,
  )
  const found = (architectures.length > 0 ? architectures : layer ? [layer.arch] : []).map(
    (one) => findArchitecture(one).name,
  )
  if (runtimes.length > 0 && found.length > 0)
    return { runtimes: [...new Set(runtimes)], architectures: [...new Set(found)] }
  throw new UsageError(`What "${zip}" is for is not known: there is no "${layerJsonPath(zip)}".`, {
    code: 'LAYER_TARGET_UNKNOWN',
    hint: 'Say it, e.g. --python 3.13 --arch arm64; cruddur layer build writes it down.',
    details: { file: zip },
  })
}

function sizesOf(zip: string): Pick<Publication, 'size' | 'unzippedSize'> {
  const archive = ZipArchive.open(zip)
  const unzippedSize = archive.entries.reduce((sum, entry) => sum + entry.size, 0)
  const { size } = archive.source
  archive.close()
  if (unzippedSize < LIMITS.unzipped) return { size, unzippedSize }
  throw new CruddurError(
    `"${zip}" has ${groupedDigits(unzippedSize)} bytes unzipped; Lambda takes less than ${groupedDigits(LIMITS.unzipped)}, with the function and its other layers.`,
    {
      code: 'LAYER_TOO_LARGE',
      hint: 'Leave packages out, or build it with --strip; cruddur layer verify shows what takes the room.',
      details: { file: zip, size, unzippedSize, limit: LIMITS.unzipped },
    },
  )
}

function changed(zip: string): CruddurError {
  return new CruddurError(`"${zip}" is not the zip that "${layerJsonPath(zip)}" describes.`, {
    code: 'LAYER_CHANGED',
    hint: 'Build it again, or remove the file and say --python and --arch.',
    details: { file: zip },
  })
}
