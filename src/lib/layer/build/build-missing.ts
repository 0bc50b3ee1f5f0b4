import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CruddurError } from '../../errors.ts'
import type { LayerJson } from '../layer-json.ts'
import { digestOf } from '../resolve/file-hash.ts'
import type { BuiltFile, BuiltWheels } from './build-options.ts'
import { type Choice, noWheel } from './choose-wheels.ts'
import { dockerWheels } from './docker-wheels.ts'
import type { BuildPlan } from './plan-build.ts'

/** A file that was built here, in the cache. */
export interface KeptFile extends BuiltFile {
  /** In hex. */
  sha256: string
  /** In bytes. */
  size: number
}

/** What was built here, and in what. */
export interface Built {
  wheels: KeptFile[]
  /** For the layer's `lib`. */
  libraries: KeptFile[]
  image: LayerJson['image']
}

/**
 * Builds what has no wheel, or with `docker` everything, in the image of the runtime; what comes of it is kept in the cache.
 * @throws {CruddurError} `NO_WHEEL` when nothing here can build; what `buildWheels` throws
 */
export async function buildMissing(plan: BuildPlan, choice: Choice, cacheFolder: string): Promise<Built> {
  if (choice.build === undefined) return { wheels: [], libraries: choice.libraries, image: choice.image }
  const { options, target, index } = plan
  const { buildWheels = dockerWheels, onProgress, signal, environment, image, home } = options
  for (const { why } of choice.sources)
    onProgress?.({
      type: 'note',
      level: 'info',
      text: `${why[0]?.toUpperCase()}${why.slice(1)}; it is built in Docker.`,
    })
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-built-'))
  try {
    const result = await buildWheels({
      ...choice.build,
      target,
      image,
      output: folder,
      index,
      environment,
      home,
      signal,
      onProgress,
    }).catch((error: unknown) => {
      throw withoutEngine(error, choice)
    })
    return await keep(result, choice, cacheFolder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Where nobody asked for Docker, what lacks a wheel matters more than that there is no engine. */
function withoutEngine(error: unknown, { sources }: Choice): unknown {
  const isMissing = error instanceof CruddurError && error.code.startsWith('DOCKER_NOT_')
  return isMissing && sources.length > 0 ? noWheel(sources, error) : error
}

async function keep(result: BuiltWheels, { wheels }: Choice, cacheFolder: string): Promise<Built> {
  const chosen = new Set(wheels.map(({ name }) => name))
  // What is downloaded is not taken from there as well.
  const fresh = result.wheels.filter(({ name }) => !chosen.has(name))
  return {
    wheels: await Promise.all(fresh.map((file) => inCache(file, cacheFolder))),
    libraries: await Promise.all(result.libraries.map((file) => inCache(file, cacheFolder))),
    image: result.image,
  }
}

/** Copied, not moved: it may be another disk. */
async function inCache({ path, fileName }: BuiltFile, cacheFolder: string): Promise<KeptFile> {
  const { sha256, size } = await digestOf(path)
  const folder = join(cacheFolder, 'wheels', sha256)
  await mkdir(folder, { recursive: true })
  await copyFile(path, join(folder, fileName))
  return { path: join(folder, fileName), fileName, sha256, size }
}
