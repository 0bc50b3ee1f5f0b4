import { UsageError } from '../../errors.ts'
import type { VerbOptions } from '../../progress.ts'
import type { WantedTarget } from './target.ts'

/** A published layer that was fetched. */
export interface DownloadedLayer {
  /** Where its zip is now. */
  path: string
  /** The runtimes of the functions that use it, else those that it says it is for: `python3.13`. */
  pythons?: readonly string[] | undefined
  arch?: string | undefined
  /** Which of the two says it. */
  source?: 'functions' | 'version' | undefined
  /** Removes the zip. */
  remove: () => Promise<void>
}

/** Fetches the zip of a layer version by its ARN. */
export type DownloadLayer = (arn: string, options: VerbOptions) => Promise<DownloadedLayer>

/** A layer that is in a file, and what it is to be judged for. */
export interface OpenLayer extends WantedTarget {
  path: string
  remove: () => Promise<void>
}

/** What of the options of the verb says where the layer is. */
interface Place extends VerbOptions, WantedTarget {
  path: string
  download?: DownloadLayer | undefined
}

/** Whether what is named is a published layer, not a file. */
function isLayerArn(path: string): boolean {
  return /^arn:[\w-]+:lambda:/.test(path)
}

/**
 * Fetches the layer when it is named by its ARN. What the caller says about its runtimes and architecture goes first.
 * @throws {UsageError} `LAYER_ARN_NOT_SUPPORTED`
 */
export async function openPublished({
  path,
  pythons,
  arch,
  download,
  signal,
  onProgress,
}: Place): Promise<OpenLayer> {
  if (!isLayerArn(path)) return { path, pythons, arch, remove: async () => undefined }
  if (download === undefined)
    throw new UsageError(`${path} cannot be fetched here.`, {
      code: 'LAYER_ARN_NOT_SUPPORTED',
      hint: 'Download its zip (aws lambda get-layer-version-by-arn) and verify that.',
      details: { arn: path },
    })
  const fetched = await download(path, { signal, onProgress })
  const isWanted = pythons !== undefined && pythons.length > 0
  return {
    ...fetched,
    pythons: isWanted ? pythons : fetched.pythons,
    pythonsFrom: isWanted ? 'options' : fetched.source,
    arch: arch ?? fetched.arch,
    archFrom: arch === undefined ? fetched.source : 'options',
  }
}
