import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AwsSession } from '../aws/session.ts'
import { CruddurError, UsageError } from '../errors.ts'
import { runStep, type VerbOptions } from '../progress.ts'
import type { Functions } from './lambda/functions.ts'
import type { LambdaFunction } from './lambda/lambda-function.ts'
import { type LayerArn, parseLayerArn } from './lambda/layer-arn.ts'
import type { LayerVersion } from './lambda/layer-version.ts'
import { downloadContent } from './lambda/download-content.ts'
import { RUNTIMES } from './runtimes.ts'

export interface PublishedOptions extends VerbOptions {
  aws: AwsSession
  /** The ARN of a version; of a layer, for its newest one. */
  arn: string
}

/** A published version of a layer, and its zip in a file. */
export interface PublishedLayer {
  version: Omit<LayerVersion, 'location'>
  /** Where the zip is. */
  path: string
  /** The functions of the region that use this version. */
  functions: Pick<LambdaFunction, 'name' | 'runtime' | 'architecture'>[]
  /** What it is to be judged for: Python versions of the functions that use it, else of those that it says it is for. */
  pythons: string[]
  /** The architecture in the same way; `undefined` where neither says one, or they differ. */
  arch: string | undefined
  /** Which of the two says it. */
  source: 'functions' | 'version'
  /** Removes the zip. */
  remove: () => Promise<void>
}

/**
 * Fetches a published layer.
 * @throws {UsageError} `LAYER_ARN_INVALID`, `LAYER_ELSEWHERE`
 * @throws {CruddurError} `LAYER_NOT_FOUND`, `LAYER_DOWNLOAD_FAILED`, `LAYER_DOWNLOAD_DAMAGED`, `AWS_…`
 * @throws {InterruptedError}
 */
export async function fetchPublishedLayer(options: PublishedOptions): Promise<PublishedLayer> {
  const { aws, signal, onProgress } = options
  const { layerArn, version: wanted } = requireArn(options.arn, aws)
  const [{ Layers }, { Functions }] = await Promise.all([
    import('./lambda/layers.ts'),
    import('./lambda/functions.ts'),
  ])
  const layers = new Layers(aws, signal)
  const functions = new Functions(aws, signal)
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-layer-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const newest =
      wanted === undefined ? await layers.requireNewest(layerArn) : await layers.get(layerArn, wanted)
    const { location: _, ...version } = newest
    const path = join(folder, `${version.name}-${version.version}.zip`)
    const onBytes = (done: number) =>
      onProgress?.({ type: 'bytes', step: 'download', done, total: version.codeSize })
    const [, all] = await Promise.all([
      runStep(onProgress, 'download', `Downloading ${version.name}:${version.version}`, () =>
        downloadContent({
          find: () => layers.get(layerArn, version.version),
          first: newest,
          path,
          onBytes,
          signal,
        }),
      ),
      listFunctions(functions, options),
    ])
    const users = all.filter((one) => one.layers.includes(version.arn))
    const target = judgedFor(version, users)
    for (const text of target.notes) onProgress?.({ type: 'note', level: 'warning', text })
    return {
      version,
      path,
      functions: users.map(({ name, runtime, architecture }) => ({ name, runtime, architecture })),
      pythons: target.pythons,
      arch: target.arch,
      source: target.source,
      remove,
    }
  } catch (error) {
    await remove()
    throw error
  } finally {
    layers.close()
    functions.close()
  }
}

/** Who may read a layer may perhaps not list functions: then it is judged for what it says. */
async function listFunctions(
  functions: Functions,
  { onProgress }: PublishedOptions,
): Promise<LambdaFunction[]> {
  try {
    return await functions.list()
  } catch (error) {
    if (!(error instanceof CruddurError) || error.code !== 'AWS_NOT_ALLOWED') throw error
    const text =
      'The functions may not be listed: it is judged for what the layer says, not for those that use it.'
    onProgress?.({ type: 'note', level: 'warning', text })
    return []
  }
}

interface JudgedFor extends Pick<PublishedLayer, 'pythons' | 'arch' | 'source'> {
  notes: string[]
}

function judgedFor(
  version: Pick<LayerVersion, 'runtimes' | 'architectures'>,
  all: readonly LambdaFunction[],
): JudgedFor {
  // A layer may serve functions in other languages as well.
  const users = all.filter(({ runtime }) => isPython(runtime))
  const source = users.length > 0 ? 'functions' : 'version'
  const runtimes = users.length > 0 ? users.map(({ runtime }) => runtime) : version.runtimes
  const architectures =
    users.length > 0 ? users.map(({ architecture }) => architecture) : version.architectures
  const pythons = [...new Set(runtimes)].filter(isPython)
  const known = pythons.filter((python) => RUNTIMES.some(({ name }) => name === python))
  const unknown = pythons.filter((python) => !known.includes(python))
  const [arch, ...others] = new Set(architectures)
  const notes: string[] = []
  // Without any that is known, the unknown ones are an error.
  if (known.length > 0 && unknown.length > 0)
    notes.push(`It is not judged for ${unknown.join(', ')}: nothing is known of it here.`)
  if (source === 'functions' && others.length > 0)
    notes.push(
      `Functions of ${[arch, ...others].join(' and ')} use it: it is judged for what most of its files are made for; --arch says another.`,
    )
  return {
    pythons: known.length > 0 ? known : pythons,
    arch: others.length === 0 ? arch : undefined,
    source,
    notes,
  }
}

function isPython(runtime: string | undefined): runtime is string {
  return runtime?.startsWith('python') ?? false
}

function requireArn(text: string, { region, regionSource }: AwsSession): LayerArn {
  const arn = parseLayerArn(text)
  if (!arn)
    throw new UsageError(`${JSON.stringify(text.slice(0, 200))} is not the ARN of a layer.`, {
      code: 'LAYER_ARN_INVALID',
      hint: 'It looks like arn:aws:lambda:eu-central-1:123456789012:layer:psycopg2:3; cruddur layer list shows them.',
    })
  if (arn.region === region) return arn
  throw new UsageError(`The layer is in ${arn.region}, not in ${region} (from ${regionSource}).`, {
    code: 'LAYER_ELSEWHERE',
    hint: `Add --region ${arn.region}.`,
    details: { layer: text, region },
  })
}
