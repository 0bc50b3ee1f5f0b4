import type { AwsSession } from '../aws/session.ts'
import { CruddurError } from '../errors.ts'
import type { VerbOptions } from '../progress.ts'
import type { Layers } from './lambda/layers.ts'
import type { ListedVersion } from './lambda/layer-version.ts'
import { parseLayerArn, requireLayerName } from './lambda/layer-arn.ts'
import { RUNTIMES } from './runtimes.ts'

export interface ListOptions extends VerbOptions {
  aws: AwsSession
  /** Only this layer. */
  name?: string | undefined
  /** Whether all versions of it are listed, not just the newest; needs a name. */
  versions?: boolean | undefined
  /** Whether the functions are told that use them. */
  functions?: boolean | undefined
  /** The current time; runtimes end by it. */
  now?: (() => Date) | undefined
}

/** A runtime that a layer says it is for, and when it ends. */
export interface ListedRuntime {
  name: string
  /** `YYYY-MM-DD`; `undefined` where it is not known. */
  deprecatedOn: string | undefined
  isDeprecated: boolean
}

/** A function that uses a layer. */
export interface LayerUser {
  function: string
  version: number
  runtime: string | undefined
  architecture: string
}

/** A layer with its newest version, or one of its versions. */
export interface ListedLayer extends Omit<ListedVersion, 'runtimes'> {
  runtimes: ListedRuntime[]
  /** Bytes of the zip; `undefined` where it may not be looked at. */
  codeSize: number | undefined
  codeSha256: string | undefined
  /** Those that use this version, or, where only the newest is listed, any version. `undefined` unless asked for. */
  functions: LayerUser[] | undefined
}

export interface ListResult {
  region: string
  layers: ListedLayer[]
}

/** Versions that are looked at side by side: Lambda allows fifteen control calls a second (quotas of the API). */
const AT_ONCE = 5

/**
 * The layers of the account in a region.
 * @throws {UsageError} `LAYER_NAME_INVALID`
 * @throws {CruddurError} `LAYER_NOT_FOUND`, `AWS_…`
 */
export async function listLayers(options: ListOptions): Promise<ListResult> {
  const { aws, name, signal, now = () => new Date() } = options
  if (name !== undefined && !parseLayerArn(name)) requireLayerName(name)
  const { Layers } = await import('./lambda/layers.ts')
  const layers = new Layers(aws, signal)
  try {
    const listed = await find(layers, options)
    const users = options.functions === true ? await usersByLayer(options) : undefined
    const today = now().toISOString().slice(0, 10)
    const describe = async (version: ListedVersion): Promise<ListedLayer> => ({
      ...version,
      runtimes: version.runtimes.map((runtime) => withEnd(runtime, today)),
      ...(await zipOf(layers, version)),
      functions: users && usersOf(users.get(version.layerArn) ?? [], version, options),
    })
    return { region: aws.region, layers: await mapSome(listed, describe) }
  } finally {
    layers.close()
  }
}

async function find(layers: Layers, { name, versions = false }: ListOptions): Promise<ListedVersion[]> {
  if (name === undefined) return layers.list()
  const all = await layers.versions(name)
  // It says what is near.
  if (all.length === 0) await layers.requireNewest(name)
  return versions ? all : all.slice(0, 1)
}

async function zipOf(layers: Layers, { layerArn, version }: ListedVersion) {
  try {
    const found = await layers.seek(layerArn, version)
    return { codeSize: found?.codeSize, codeSha256: found?.codeSha256 }
  } catch (error) {
    if (error instanceof CruddurError && error.code === 'AWS_NOT_ALLOWED')
      return { codeSize: undefined, codeSha256: undefined }
    throw error
  }
}

async function usersByLayer({ aws, signal }: ListOptions): Promise<Map<string, LayerUser[]>> {
  const { Functions } = await import('./lambda/functions.ts')
  const functions = new Functions(aws, signal)
  const users = new Map<string, LayerUser[]>()
  try {
    for (const { name, runtime, architecture, layers } of await functions.list())
      for (const arn of layers) {
        const { layerArn, version } = parseLayerArn(arn) ?? {}
        if (layerArn === undefined || version === undefined) continue
        const user = { function: name, version, runtime, architecture }
        users.set(layerArn, [...(users.get(layerArn) ?? []), user])
      }
  } finally {
    functions.close()
  }
  return users
}

function usersOf(
  users: readonly LayerUser[],
  { version }: ListedVersion,
  { versions }: ListOptions,
): LayerUser[] {
  return users.filter((user) => versions !== true || user.version === version)
}

function withEnd(name: string, today: string): ListedRuntime {
  const deprecatedOn = RUNTIMES.find((runtime) => runtime.name === name)?.deprecatedOn
  return { name, deprecatedOn, isDeprecated: deprecatedOn !== undefined && deprecatedOn <= today }
}

/** Like `map`, a few at a time. */
async function mapSome<In, Out>(items: readonly In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = []
  for (let start = 0; start < items.length; start += AT_ONCE)
    results.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(work))))
  return results
}
