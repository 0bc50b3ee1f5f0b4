import {
  type Architecture,
  GetLayerVersionCommand,
  LambdaClient,
  type LayerVersionContentInput,
  ListLayerVersionsCommand,
  paginateListLayers,
  paginateListLayerVersions,
  PublishLayerVersionCommand,
  type Runtime,
} from '@aws-sdk/client-lambda'
import { isAwsError } from '../../aws/errors.ts'
import { ServiceClient } from '../../aws/service-client.ts'
import type { AwsSession } from '../../aws/session.ts'
import { CruddurError } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import { explainRefusal } from './lambda-errors.ts'
import { layerPolicy, parseLayerArn } from './layer-arn.ts'
import { fromListItem, fromResponse, type LayerVersion, type ListedVersion } from './layer-version.ts'

/** What a version is to be. */
export interface NewVersion {
  name: string
  description: string
  licence: string | undefined
  runtimes: readonly string[]
  architectures: readonly string[]
  /** The zip itself, or where it lies in S3. */
  content: { zip: Uint8Array } | { bucket: string; key: string }
}

/**
 * One attempt, because a second one would make a second version where only the answer was lost; and time for 50 MB over a slow
 * line, and for Lambda to unpack them (milliseconds without anything moving).
 */
const PUBLISHING = { maxAttempts: 1, requestHandler: { connectionTimeout: 10_000, socketTimeout: 300_000 } }

/** The layers of a region. Loads the SDK: to be imported when it is needed. */
export class Layers extends ServiceClient<LambdaClient> {
  readonly #signal: AbortSignal | undefined

  constructor(aws: AwsSession, signal?: AbortSignal) {
    super('lambda', new LambdaClient(aws.clientOptions), aws, signal)
    this.#signal = signal
  }

  /**
   * The newest version of a layer that has not been deleted.
   * @param layer a name, or the ARN of a layer
   * @returns `undefined` when there is none
   */
  async newest(layer: string): Promise<LayerVersion | undefined> {
    const { LayerVersions = [] } = await this.call(
      'ListLayerVersions',
      layer,
      layerPolicy(layer),
      (client, sending) => client.send(new ListLayerVersionsCommand({ LayerName: layer }), sending),
    ).catch(emptyWhenMissing)
    // They come newest first; the page is gone through all the same.
    const version = Math.max(0, ...LayerVersions.map(({ Version = 0 }) => Version))
    return version === 0 ? undefined : this.seek(layer, version)
  }

  /**
   * The newest version of a layer.
   * @throws {CruddurError} `LAYER_NOT_FOUND`, with the near one
   */
  async requireNewest(layer: string): Promise<LayerVersion> {
    return (await this.newest(layer)) ?? (await this.#notFound(layer))
  }

  /**
   * A version of a layer.
   * @param layer a name, or the ARN of a layer, which may be another account's
   * @throws {CruddurError} `LAYER_NOT_FOUND`
   */
  async get(layer: string, version: number): Promise<LayerVersion> {
    return (await this.seek(layer, version)) ?? (await this.#notFound(layer, version))
  }

  /** The same, where it may well be that there is none. */
  async seek(layer: string, version: number): Promise<LayerVersion | undefined> {
    const command = new GetLayerVersionCommand({ LayerName: layer, VersionNumber: version })
    try {
      return fromResponse(
        await this.call(
          'GetLayerVersion',
          `${layer}:${version}`,
          layerPolicy(layer, true),
          (client, sending) => client.send(command, sending),
        ),
      )
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFound')) return undefined
      throw error
    }
  }

  /** All versions of a layer, the newest first. */
  async versions(layer: string): Promise<ListedVersion[]> {
    const pages = await this.call('ListLayerVersions', layer, layerPolicy(layer), (client, sending) =>
      Array.fromAsync(paginateListLayerVersions({ client }, { LayerName: layer }, sending)),
    ).catch((error: unknown) => [emptyWhenMissing(error)])
    return pages
      .flatMap(({ LayerVersions = [] }) => LayerVersions.map(fromListItem))
      .toSorted((a, b) => b.version - a.version)
  }

  /** The newest version of each layer of the account, by name. */
  async list(): Promise<ListedVersion[]> {
    const pages = await this.call('ListLayers', '*', '*', (client, sending) =>
      Array.fromAsync(paginateListLayers({ client }, {}, sending)),
    )
    return pages
      .flatMap(({ Layers: layers = [] }) =>
        layers.flatMap(({ LatestMatchingVersion: newest }) => (newest ? [fromListItem(newest)] : [])),
      )
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  /**
   * Publishes a version; tried once, see `publishOnce`.
   * @throws {CruddurError} see `lambda-errors.ts`, and `AWS_…`
   */
  async publish(version: NewVersion): Promise<LayerVersion> {
    const publishing = new PublishingLayers(this.aws, this.#signal)
    try {
      return await publishing.send(version)
    } finally {
      publishing.close()
    }
  }

  async #notFound(layer: string, version?: number): Promise<never> {
    const { region, regionSource } = this.aws
    const { name, account } = parseLayerArn(layer) ?? { name: layer, account: undefined }
    const known = await this.list().catch(() => [])
    const names = known.map((one) => one.name)
    const near = nearest(name, names)
    const which = version === undefined ? `layer "${layer}"` : `version ${version} of the layer "${layer}"`
    throw new CruddurError(`There is no ${which} in ${region} (from ${regionSource}).`, {
      code: 'LAYER_NOT_FOUND',
      hint:
        near === undefined || account !== undefined
          ? 'cruddur layer list shows those there are. Is it the right region and account?'
          : near === name
            ? `cruddur layer list ${name} --versions shows those there are.`
            : `Did you mean "${near}"?`,
      details: { layer, version: version ?? null, region, layers: names },
    })
  }
}

class PublishingLayers extends ServiceClient<LambdaClient> {
  constructor(aws: AwsSession, signal: AbortSignal | undefined) {
    super('lambda', new LambdaClient({ ...aws.clientOptions, ...PUBLISHING }), aws, signal)
  }

  async send({
    name,
    description,
    licence,
    runtimes,
    architectures,
    content,
  }: NewVersion): Promise<LayerVersion> {
    const command = new PublishLayerVersionCommand({
      LayerName: name,
      Description: description,
      ...(licence === undefined ? {} : { LicenseInfo: licence }),
      CompatibleRuntimes: runtimes as Runtime[],
      CompatibleArchitectures: architectures as Architecture[],
      Content: contentOf(content),
    })
    try {
      return fromResponse(
        await this.call('PublishLayerVersion', name, layerPolicy(name), (client, sending) =>
          client.send(command, sending),
        ),
      )
    } catch (error) {
      throw explainRefusal(error)
    }
  }
}

function contentOf(content: NewVersion['content']): LayerVersionContentInput {
  return 'zip' in content ? { ZipFile: content.zip } : { S3Bucket: content.bucket, S3Key: content.key }
}

/** Lambda tells of a layer that there is not as of one without versions; others that speak its language refuse. */
function emptyWhenMissing(error: unknown): { LayerVersions?: never[] } {
  if (isAwsError(error, 'ResourceNotFound')) return {}
  throw error
}
