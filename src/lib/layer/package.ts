import { basename, resolve } from 'node:path'
import { CruddurError, UsageError } from '../errors.ts'
import { groupedDigits } from '../grouped-digits.ts'
import { runStep, type VerbOptions } from '../progress.ts'
import { LIMITS } from './limits.ts'
import { collectFiles } from './package/collect-files.ts'
import { excluder, USUAL_EXCLUDES } from './package/excludes.ts'
import { requireHandler } from './package/handler.ts'
import { ZipArchive } from './zip/read-zip.ts'
import { writeZip, type WrittenZip, type ZipFile } from './zip/write-zip.ts'

export interface PackageOptions extends VerbOptions {
  /** The folder with the function's code. */
  folder: string
  /** Path of the zip. */
  out: string
  /** Patterns of what is left out besides the usual. */
  excludes?: readonly string[] | undefined
  /** Must be among the files: `app.handler`. */
  handler?: string | undefined
  /** Paths of the layers' zips that the function is to have. */
  layers?: readonly string[] | undefined
  /** Whether nothing is written. */
  dryRun?: boolean | undefined
}

export interface PackageResult extends Pick<WrittenZip, 'unzippedSize' | 'entries'> {
  /** Path of the zip. */
  path: string
  /** Bytes of the zip; `undefined` with a dry run. */
  size: number | undefined
  /** Base64 of its SHA-256, as Lambda shows it; `undefined` with a dry run. */
  codeSha256: string | undefined
  /** Unzipped bytes of the function and the layers. */
  total: number
  /** The layers' unzipped bytes. */
  layers: { path: string; unzippedSize: number }[]
  /** Whether the zip is too large to go with a request. */
  needsS3: boolean
  warnings: string[]
  dryRun: boolean
}

/**
 * Packs the code of a function, without what is no part of it, into a zip that has the same bytes each time: files are stored as they
 * are, with rights as Lambda needs them.
 * @throws {UsageError} `FOLDER_NOT_READABLE`, `FUNCTION_EMPTY`, `HANDLER_INVALID`, `HANDLER_NOT_FOUND`, `FILE_NOT_READABLE`
 * @throws {CruddurError} `LINK_LEADS_OUT`, `FILE_NOT_PACKABLE`, `FUNCTION_TOO_LARGE`, `TOO_MANY_LAYERS`, `ZIP_NOT_WRITTEN`, `ZIP_INVALID`
 * @throws {InterruptedError}
 */
export async function packageFunction(options: PackageOptions): Promise<PackageResult> {
  const { excludes = [], handler, layers: layerPaths = [], dryRun = false, onProgress, signal } = options
  const folder = resolve(options.folder)
  const path = resolve(options.out)
  const layers = measureLayers(layerPaths)
  const isExcluded = excluder([...USUAL_EXCLUDES, ...excludes])
  const files = collectFiles({ folder, isExcluded, out: path, signal })
  if (files.length === 0) throw empty(options.folder)
  if (handler !== undefined) requireHandler(handler, files)
  const unzippedSize = files.reduce((sum, file) => sum + ('content' in file ? file.content.length : 0), 0)
  const total = layers.reduce((sum, layer) => sum + layer.unzippedSize, unzippedSize)
  requireRoom(basename(folder), unzippedSize, layers, total)
  const written = dryRun
    ? undefined
    : await runStep(onProgress, 'package', `Packing ${files.length} files`, () =>
        writeZip(path, files, { signal }),
      )
  return {
    path: options.out,
    size: written?.size,
    unzippedSize,
    entries: files.length,
    codeSha256: written?.codeSha256,
    total,
    layers,
    needsS3: (written?.size ?? unzippedSize) > LIMITS.directUpload,
    warnings: warningsFor(files),
    dryRun,
  }
}

function measureLayers(paths: readonly string[]): PackageResult['layers'] {
  if (paths.length > LIMITS.layers)
    throw new CruddurError(`${paths.length} layers are too many: Lambda allows ${LIMITS.layers}.`, {
      code: 'TOO_MANY_LAYERS',
      kind: 'refused',
      hint: 'Put the packages into one layer.',
    })
  return paths.map((path) => {
    const archive = ZipArchive.open(path)
    archive.close()
    return { path, unzippedSize: archive.entries.reduce((sum, { size }) => sum + size, 0) }
  })
}

function requireRoom(name: string, own: number, layers: PackageResult['layers'], total: number): void {
  if (total < LIMITS.unzipped) return
  const rows = [{ path: name, unzippedSize: own }, ...layers].map(
    ({ path, unzippedSize }) => `${groupedDigits(unzippedSize).padStart(13)}  ${path}`,
  )
  throw new CruddurError(
    `The function and its layers have ${groupedDigits(total)} bytes unzipped; Lambda takes less than ${groupedDigits(LIMITS.unzipped)}.`,
    {
      code: 'FUNCTION_TOO_LARGE',
      kind: 'refused',
      hint: 'Leave out what the function does not need (--exclude), or build the layer with --strip.',
      context: rows.join('\n'),
      details: { function: name, size: total, limit: LIMITS.unzipped },
    },
  )
}

function warningsFor(files: readonly ZipFile[]): string[] {
  const native = files.find(({ name }) => /\.(?:so(?:\.\d+)*|pyd|dylib)$/.test(name))
  if (!native) return []
  return [
    `${native.name} is compiled code, and nobody has checked that it is for Lambda: packages belong into a layer (cruddur layer build).`,
  ]
}

function empty(folder: string): UsageError {
  return new UsageError(`There is nothing to package in "${folder}".`, {
    code: 'FUNCTION_EMPTY',
    hint: 'Name the folder that the code of the function is in; look at --exclude, too.',
    details: { folder },
  })
}
