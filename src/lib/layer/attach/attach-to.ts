import { CruddurError, InterruptedError } from '../../errors.ts'
import { poll, type PollOptions } from '../../poll.ts'
import type { Functions } from '../lambda/functions.ts'
import type { LambdaFunction } from '../lambda/lambda-function.ts'
import { parseLayerArn } from '../lambda/layer-arn.ts'
import type { LayerVersion } from '../lambda/layer-version.ts'
import { layersWith, requireFitting, requireRoom } from './check-function.ts'
import type { UnzippedSizes, UnzippedSum } from './unzipped-sum.ts'

/** What has become of a function. */
export interface Attachment {
  function: string
  /** `unchanged` had the version already; with a dry run, what would be done. */
  outcome: 'attached' | 'replaced' | 'unchanged'
  /** The version of the same layer that it had before. */
  replaced: string | undefined
  /** ARNs of the versions that it has now, or would have. */
  layers: string[]
  /** With the function's own code; `undefined` when nothing was to be done. */
  unzipped: UnzippedSum | undefined
}

export interface AttachToOptions extends Pick<PollOptions, 'pace' | 'signal'> {
  functions: Functions
  sizes: UnzippedSizes
  layer: LayerVersion
  /** Milliseconds for which it waits for Lambda. */
  timeout: number
  dryRun: boolean
}

/**
 * Attaches a version of a layer to one function, and waits until it is in effect. Whatever goes on with the function is waited for; one
 * that was changed meanwhile is looked at anew.
 * @param name the function's, or its ARN
 * @throws {CruddurError} see `check-function.ts`; `FUNCTION_NOT_FOUND`, `FUNCTION_UPDATE_FAILED`, `AWS_TIMEOUT`, `AWS_…`
 * @throws {InterruptedError}
 */
export async function attachTo(name: string, options: AttachToOptions): Promise<Attachment> {
  const { functions, sizes, layer, timeout, dryRun, pace, signal } = options
  let asked: Attachment | undefined
  const look = async (): Promise<Attachment | undefined> => {
    const found = await functions.get(name)
    if (found.isBusy && !dryRun) return undefined
    const arns = layersWith(found.layers, layer)
    if (arns.every((arn, index) => arn === found.layers[index]))
      return asked ? requireDone(found, asked) : unchanged(found)
    requireFitting(found, layer, arns)
    const unzipped = await sizes.sum(found, arns)
    requireRoom(found, unzipped)
    const attachment = attachmentOf(found, layer, arns, unzipped)
    if (dryRun) return attachment
    asked = attachment
    // Refused while something else goes on, or changed since it was read: the next look will tell.
    await functions.setLayers(found, arns)
    return undefined
  }
  const attachment = await poll(look, { timeout, pace, signal }).catch((error: unknown) => {
    if (error instanceof InterruptedError && asked)
      throw new InterruptedError('Interrupted; Lambda goes on by itself.', 'The same command again waits on.')
    throw error
  })
  if (attachment) return attachment
  throw new CruddurError(
    `${name} has not settled within ${Math.round(timeout / 1000)} s; Lambda goes on by itself.`,
    {
      code: 'AWS_TIMEOUT',
      kind: 'unreachable',
      hint: 'The same command again waits on; --timeout 15m waits longer.',
      details: { function: name },
    },
  )
}

function attachmentOf(
  { name, layers }: LambdaFunction,
  { layerArn }: LayerVersion,
  arns: string[],
  unzipped: UnzippedSum,
): Attachment {
  const replaced = layers.find((arn) => parseLayerArn(arn)?.layerArn === layerArn)
  const outcome = replaced === undefined ? 'attached' : 'replaced'
  return { function: name, outcome, replaced, layers: arns, unzipped }
}

function unchanged({ name, layers }: LambdaFunction): Attachment {
  return { function: name, outcome: 'unchanged', replaced: undefined, layers, unzipped: undefined }
}

function requireDone({ name, updateFailure }: LambdaFunction, attachment: Attachment): Attachment {
  if (updateFailure === undefined) return attachment
  throw new CruddurError(`Lambda could not change ${name}: ${updateFailure.replace(/\.$/, '')}.`, {
    code: 'FUNCTION_UPDATE_FAILED',
    hint: 'Until it can be changed, the function runs as it was before.',
    details: { function: name },
  })
}
