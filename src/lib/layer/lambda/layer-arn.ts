import { UsageError } from '../../errors.ts'
import { LIMITS } from '../limits.ts'

/** What the ARN of a layer, or of one of its versions, says. */
export interface LayerArn {
  /** As it was given. */
  arn: string
  /** Without the version. */
  layerArn: string
  region: string
  account: string
  name: string
  /** `undefined` for the layer as such. */
  version: number | undefined
}

/** API reference of GetLayerVersion: LayerName; and of AddLayerVersionPermission: LayerVersionArn. */
const ARN = /^(arn:aws[a-z-]*:lambda:([a-z0-9-]+):(\d{12}):layer:([\w-]{1,140}))(?::([1-9]\d*))?$/

/** Takes the ARN of a layer or of a version apart; `undefined` when it is none. */
export function parseLayerArn(text: string): LayerArn | undefined {
  const [arn, layerArn = '', region = '', account = '', name = '', version] = ARN.exec(text) ?? []
  if (arn === undefined) return undefined
  return {
    arn,
    layerArn,
    region,
    account,
    name,
    version: version === undefined ? undefined : Number(version),
  }
}

/**
 * Makes sure that a layer can be called so.
 * @throws {UsageError} `LAYER_NAME_INVALID`
 */
export function requireLayerName(name: string): string {
  if (LIMITS.layerName.test(name)) return name
  throw new UsageError(`${JSON.stringify(name.slice(0, 160))} cannot be the name of a layer.`, {
    code: 'LAYER_NAME_INVALID',
    hint: 'It has 1 to 140 letters, digits, hyphens and underscores.',
  })
}

/** The resource of an IAM policy that stands for a layer in any region, or for one of its versions. */
export function layerPolicy(name: string, isVersion = false): string {
  const { name: plain } = parseLayerArn(name) ?? { name }
  return `arn:aws:lambda:*:*:layer:${plain}${isVersion ? ':*' : ''}`
}
