import type { AwsSession } from '../aws/session.ts'
import { CruddurError, UsageError } from '../errors.ts'
import type { PollOptions } from '../poll.ts'
import { runStep, type VerbOptions } from '../progress.ts'
import { type Attachment, attachTo, type AttachToOptions } from './attach/attach-to.ts'
import { UnzippedSizes } from './attach/unzipped-sum.ts'
import { requireFunctionName } from './lambda/lambda-function.ts'
import { type LayerArn, parseLayerArn, requireLayerName } from './lambda/layer-arn.ts'
import type { Layers } from './lambda/layers.ts'
import type { LayerVersion } from './lambda/layer-version.ts'

export interface AttachOptions extends VerbOptions {
  aws: AwsSession
  /** Names or ARNs. */
  functions: readonly string[]
  /** The name of a layer or its ARN, for its newest version; or the ARN of a version. */
  layer: string
  /** Milliseconds for which each function is waited for; 5 min by default. */
  timeout?: number | undefined
  /** Whether nothing is changed. */
  dryRun?: boolean | undefined
  pace?: PollOptions['pace']
}

/** A function to which the layer could not be attached. */
export interface FailedAttachment {
  function: string
  outcome: 'failed'
  error: CruddurError
}

export interface AttachResult {
  /** The version. */
  layer: Pick<LayerVersion, 'name' | 'version' | 'arn' | 'runtimes' | 'architectures'>
  functions: (Attachment | FailedAttachment)[]
  dryRun: boolean
  /** Milliseconds. */
  ms: number
}

/** Milliseconds. Functions settle within seconds; those in a VPC within a minute or two. */
const TIMEOUT = 300_000

/** Milliseconds until the next look. */
function usualPace(elapsed: number): number {
  return elapsed < 10_000 ? 1000 : 3000
}

/**
 * Attaches a version of a layer to functions: in place of another version of the same layer, else behind the others. One after the other:
 * what fails with one does not keep it from the next.
 * @throws {UsageError} `FUNCTION_INVALID`, `LAYER_NAME_INVALID`, `LAYER_ELSEWHERE`
 * @throws {CruddurError} `LAYER_NOT_FOUND`, `AWS_…`; and what fails with the function when it is only one, see `attachTo`
 * @throws {InterruptedError}
 */
export async function attachLayer(options: AttachOptions): Promise<AttachResult> {
  const started = performance.now()
  const { aws, timeout = TIMEOUT, dryRun = false, pace = usualPace, signal } = options
  const names = [...new Set(options.functions.map((name) => requireFunctionName(name, aws.region)))]
  const wanted = requireLayer(options.layer, aws)
  const [{ Layers }, { Functions }] = await Promise.all([
    import('./lambda/layers.ts'),
    import('./lambda/functions.ts'),
  ])
  const layers = new Layers(aws, signal)
  const functions = new Functions(aws, signal)
  try {
    const layer = await findLayer(layers, wanted)
    const sizes = new UnzippedSizes(functions, layers, signal)
    const context = { functions, sizes, layer, timeout, dryRun, pace, signal }
    const { name, version, arn, runtimes, architectures } = layer
    return {
      layer: { name, version, arn, runtimes, architectures },
      functions: await attachToAll(names, context, options),
      dryRun,
      ms: performance.now() - started,
    }
  } finally {
    layers.close()
    functions.close()
  }
}

async function attachToAll(
  names: readonly string[],
  context: AttachToOptions,
  { onProgress }: AttachOptions,
): Promise<AttachResult['functions']> {
  const results: AttachResult['functions'] = []
  for (const name of names) {
    const title = `Attaching ${context.layer.name}:${context.layer.version} to ${name}`
    try {
      results.push(
        await (context.dryRun
          ? attachTo(name, context)
          : runStep(onProgress, 'attach', title, () => attachTo(name, context))),
      )
    } catch (error) {
      if (!(error instanceof CruddurError) || error.kind === 'interrupted' || names.length === 1) throw error
      results.push({ function: name, outcome: 'failed', error })
    }
  }
  return results
}

function requireLayer(layer: string, aws: AwsSession): LayerArn | string {
  const arn = parseLayerArn(layer)
  if (!arn) return requireLayerName(layer)
  if (arn.region === aws.region) return arn
  throw new UsageError(
    `The layer is in ${arn.region}, and functions in ${aws.region} (from ${aws.regionSource}) cannot have it.`,
    {
      code: 'LAYER_ELSEWHERE',
      hint: `Publish it there: cruddur layer publish --region ${aws.region}`,
      details: { layer, region: aws.region },
    },
  )
}

function findLayer(layers: Layers, wanted: LayerArn | string): Promise<LayerVersion> {
  if (typeof wanted === 'string') return layers.requireNewest(wanted)
  const { layerArn, version } = wanted
  return version === undefined ? layers.requireNewest(layerArn) : layers.get(layerArn, version)
}
