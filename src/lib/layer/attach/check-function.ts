import { CruddurError } from '../../errors.ts'
import { groupedDigits } from '../../grouped-digits.ts'
import type { LambdaFunction } from '../lambda/lambda-function.ts'
import { parseLayerArn } from '../lambda/layer-arn.ts'
import type { LayerVersion } from '../lambda/layer-version.ts'
import { LIMITS } from '../limits.ts'
import type { UnzippedSum } from './unzipped-sum.ts'

/**
 * The layers that a function is to have: the version takes the place of another one of the same layer, or the last place.
 * @param arns of the versions that it has
 */
export function layersWith(arns: readonly string[], { arn, layerArn }: LayerVersion): string[] {
  const place = arns.findIndex((one) => parseLayerArn(one)?.layerArn === layerArn)
  return place === -1 ? [...arns, arn] : arns.with(place, arn)
}

/**
 * Makes sure that a function can have a layer, by what Lambda tells of both.
 * @param arns of the versions that it is to have
 * @throws {CruddurError} `FUNCTION_IS_IMAGE`, `FUNCTION_RUNTIME_MISMATCH`, `FUNCTION_ARCHITECTURE_MISMATCH`, `TOO_MANY_LAYERS`
 */
export function requireFitting(target: LambdaFunction, layer: LayerVersion, arns: readonly string[]): void {
  const { name, packageType, runtime, architecture } = target
  const refuse = (code: string, reason: string, hint: string) =>
    new CruddurError(`${layer.name} cannot be attached to ${name}: ${reason}.`, {
      code,
      kind: 'refused',
      hint,
      details: { function: name, layer: layer.arn },
    })
  if (packageType === 'Image')
    throw refuse(
      'FUNCTION_IS_IMAGE',
      'it is a container image, which has no layers',
      'Put the packages into the image.',
    )
  if (layer.runtimes.length > 0 && !layer.runtimes.includes(runtime ?? ''))
    throw refuse(
      'FUNCTION_RUNTIME_MISMATCH',
      `it runs on ${runtime ?? 'no runtime'}, and the layer is for ${layer.runtimes.join(', ')}`,
      runtime?.startsWith('python') === true
        ? `Build one for it: cruddur layer build --python ${runtime.slice('python'.length)}`
        : 'Layers of Python packages serve Python functions only.',
    )
  if (layer.architectures.length > 0 && !layer.architectures.includes(architecture))
    throw refuse(
      'FUNCTION_ARCHITECTURE_MISMATCH',
      `it runs on ${architecture}, and the layer is for ${layer.architectures.join(', ')}`,
      `Build one for it: cruddur layer build --arch ${architecture}`,
    )
  if (arns.length > LIMITS.layers)
    throw refuse(
      'TOO_MANY_LAYERS',
      `it has ${arns.length - 1} layers already, and Lambda allows ${LIMITS.layers}`,
      'Put the packages into one layer, or take one off.',
    )
}

/**
 * Makes sure that a function and its layers stay below what Lambda unpacks.
 * @throws {CruddurError} `FUNCTION_TOO_LARGE`
 */
export function requireRoom({ name }: LambdaFunction, sum: UnzippedSum): void {
  if (sum.bytes < LIMITS.unzipped) return
  const rows = sum.parts.map(
    ({ arn, bytes, isEstimate }) =>
      `${(bytes === undefined ? '?' : groupedDigits(bytes)).padStart(13)}  ${isEstimate ? 'at least, ' : ''}${labelOf(arn)}`,
  )
  throw new CruddurError(
    `${name} and its layers would have ${sum.isEstimate ? 'at least ' : ''}${groupedDigits(sum.bytes)} bytes unzipped; Lambda takes less than ${groupedDigits(LIMITS.unzipped)}.`,
    {
      code: 'FUNCTION_TOO_LARGE',
      kind: 'refused',
      hint: 'Leave packages out of a layer, or build it with --strip.',
      context: rows.join('\n'),
      details: { function: name, size: sum.bytes, limit: LIMITS.unzipped, parts: sum.parts },
    },
  )
}

function labelOf(arn: string): string {
  const layer = parseLayerArn(arn)
  return layer ? `layer ${layer.name}:${layer.version}` : 'the function'
}
