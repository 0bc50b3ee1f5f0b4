import { throwIfAborted } from '../../errors.ts'
import type { Functions } from '../lambda/functions.ts'
import type { LambdaFunction } from '../lambda/lambda-function.ts'
import { parseLayerArn } from '../lambda/layer-arn.ts'
import type { Layers } from '../lambda/layers.ts'
import { unzippedSizeAt } from './remote-zip.ts'

/** Unzipped bytes of one part of what a function has. */
export interface PartSize {
  /** The ARN of a layer's version, or the function's. */
  arn: string
  /** `undefined` where it is not known at all. */
  bytes: number | undefined
  /** Whether `bytes` is only the size of the zip: what is in it has at least about as much. */
  isEstimate: boolean
}

/** What a function and its layers have unzipped. */
export interface UnzippedSum {
  bytes: number
  /** Whether it may well be more. */
  isEstimate: boolean
  parts: PartSize[]
}

/** Measures what functions and layers have unzipped; each version of a layer once. */
export class UnzippedSizes {
  readonly #functions: Functions
  readonly #layers: Layers
  readonly #signal: AbortSignal | undefined
  readonly #known = new Map<string, Promise<PartSize>>()

  constructor(functions: Functions, layers: Layers, signal?: AbortSignal) {
    this.#functions = functions
    this.#layers = layers
    this.#signal = signal
  }

  /**
   * The sum for a function with these layers.
   * @param arns of versions
   * @throws {InterruptedError}
   */
  async sum(of: LambdaFunction, arns: readonly string[]): Promise<UnzippedSum> {
    const parts = await Promise.all([
      this.#ofFunction(of),
      ...arns.map(async (arn) => {
        const part = await this.#ofLayer(arn)
        return { ...part, bytes: part.bytes ?? of.layerSizes.get(arn) }
      }),
    ])
    throwIfAborted(this.#signal)
    return {
      bytes: parts.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
      isEstimate: parts.some(({ isEstimate }) => isEstimate),
      parts,
    }
  }

  async #ofFunction({ name, arn, codeSize }: LambdaFunction): Promise<PartSize> {
    // Who may change functions may perhaps not read their code.
    const location = await this.#functions.codeLocation(name).catch(() => undefined)
    return this.#measured(arn, location, codeSize)
  }

  #ofLayer(arn: string): Promise<PartSize> {
    const known = this.#known.get(arn) ?? this.#measureLayer(arn)
    this.#known.set(arn, known)
    return known
  }

  /** A layer of others may be used, and yet not be read. */
  async #measureLayer(arn: string): Promise<PartSize> {
    const { layerArn, version } = parseLayerArn(arn) ?? {}
    const found =
      layerArn === undefined || version === undefined
        ? undefined
        : await this.#layers.seek(layerArn, version).catch(() => undefined)
    return this.#measured(arn, found?.location, found?.codeSize)
  }

  async #measured(arn: string, location: string | undefined, zipped: number | undefined): Promise<PartSize> {
    const isReadable = location !== undefined && zipped !== undefined
    const bytes = isReadable ? await unzippedSizeAt(location, zipped, this.#signal) : undefined
    return { arn, bytes: bytes ?? zipped, isEstimate: bytes === undefined }
  }
}
