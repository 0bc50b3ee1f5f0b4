import type {
  GetLayerVersionResponse,
  LayerVersionsListItem,
  PublishLayerVersionResponse,
} from '@aws-sdk/client-lambda'
import { parseLayerArn } from './layer-arn.ts'

/** A version of a layer, as lists have it. */
export interface ListedVersion {
  name: string
  version: number
  /** Of the version. */
  arn: string
  /** Of the layer as such. */
  layerArn: string
  description: string
  licence: string
  /** The runtimes that it says it is for, e.g. `python3.13`; none when it does not say. */
  runtimes: string[]
  /** `arm64`, `x86_64`; none when it does not say. */
  architectures: string[]
  createdAt: Date | undefined
}

/** A version of a layer with what is known of its zip. */
export interface LayerVersion extends ListedVersion {
  /** Base64 of the zip's SHA-256. */
  codeSha256: string
  /** Bytes of the zip, not of what is in it. */
  codeSize: number
  /** Where the zip can be had for ten minutes; whoever knows it may. Never to be shown. */
  location: string | undefined
}

/** A version from what ListLayerVersions and ListLayers tell of it. */
export function fromListItem(item: LayerVersionsListItem): ListedVersion {
  const arn = item.LayerVersionArn ?? ''
  const { layerArn = '', name = '' } = parseLayerArn(arn) ?? {}
  return {
    name,
    version: item.Version ?? 0,
    arn,
    layerArn,
    description: item.Description ?? '',
    licence: item.LicenseInfo ?? '',
    runtimes: item.CompatibleRuntimes ?? [],
    architectures: item.CompatibleArchitectures ?? [],
    createdAt: item.CreatedDate === undefined ? undefined : fromLambdaDate(item.CreatedDate),
  }
}

/** A version from what GetLayerVersion and PublishLayerVersion answer. */
export function fromResponse(response: GetLayerVersionResponse | PublishLayerVersionResponse): LayerVersion {
  return {
    ...fromListItem(response),
    codeSha256: response.Content?.CodeSha256 ?? '',
    codeSize: response.Content?.CodeSize ?? 0,
    location: response.Content?.Location,
  }
}

/** Lambda writes the zone without a colon, `2026-11-21T10:00:00.000+0000`, which is not the form that JavaScript promises to read. */
function fromLambdaDate(text: string): Date | undefined {
  const date = new Date(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  return Number.isNaN(date.getTime()) ? undefined : date
}
