import { randomBytes } from 'node:crypto'
import { CruddurError } from '../../errors.ts'
import type { VerbOptions } from '../../progress.ts'
import type { Architecture } from '../architectures.ts'
import { callDocker } from './docker-cli.ts'
import type { Engine } from './engine.ts'
import { imageCandidates } from './image-name.ts'
import { pullImage } from './pull-image.ts'

/** An image that the engine has, of the architecture that is wanted. */
export interface Image {
  /** The name under which it was found. */
  reference: string
  /** The engine's own name of it, which is never another image's: `sha256:…`. */
  id: string
  /** What the registry calls just this image, `sha256:…`; `undefined` for one that was made here. */
  digest: string | undefined
  platform: Architecture['platform']
}

/** Whether an image is fetched from its registry: only where there is none, never, or always. */
export type PullPolicy = 'missing' | 'never' | 'always'

export interface ObtainImageOptions extends VerbOptions {
  reference: string
  architecture: Architecture
  /** `missing` by default. */
  pull?: PullPolicy | undefined
}

/** What `docker image inspect` tells, as far as it is used. */
interface Inspected {
  Id: string
  Architecture: string
  RepoDigests?: string[]
}

/**
 * Finds an image of an architecture, or fetches it. That its name is there is not enough: on most engines a name is one platform's,
 * and docker itself builds and runs the wrong one with hardly a word.
 * @throws {CruddurError} `IMAGE_MISSING`, `IMAGE_WRONG_ARCHITECTURE`, and as `pullImage`
 * @throws {InterruptedError}
 */
export async function obtainImage(engine: Engine, options: ObtainImageOptions): Promise<Image> {
  const { reference, architecture, pull = 'missing', signal } = options
  const candidates = imageCandidates(reference, architecture.name)
  if (pull !== 'always') {
    const found = await firstOf(engine, candidates, architecture, signal)
    if (found.image) return found.image
    if (pull === 'never') throw absent(reference, architecture, found.others)
    if (found.others.length > 0) return await pullInstead(engine, candidates, found.others, options)
  }
  return await pullOne(engine, candidates, options)
}

/** An image under another architecture's name may be one that was made here and is in no registry. */
async function pullInstead(
  engine: Engine,
  candidates: readonly string[],
  others: readonly Other[],
  options: ObtainImageOptions,
): Promise<Image> {
  try {
    return await pullOne(engine, candidates, options)
  } catch (error) {
    if (!(error instanceof CruddurError) || error.kind === 'interrupted') throw error
    throw wrongArchitecture(others, options.architecture, error)
  }
}

async function pullOne(
  engine: Engine,
  candidates: readonly string[],
  options: ObtainImageOptions,
): Promise<Image> {
  let failure: unknown
  for (const reference of candidates) {
    try {
      await pullImage(engine, { ...options, reference, platform: options.architecture.platform })
    } catch (error) {
      failure ??= error
      if (error instanceof CruddurError && error.code === 'IMAGE_NOT_FOUND') continue
      throw error
    }
    const { image, others } = await firstOf(engine, [reference], options.architecture, options.signal)
    if (image) return image
    throw wrongArchitecture(others, options.architecture)
  }
  throw failure
}

/** An image of another architecture than the wanted one. */
interface Other {
  reference: string
  architecture: string
}

async function firstOf(
  engine: Engine,
  candidates: readonly string[],
  architecture: Architecture,
  signal: AbortSignal | undefined,
): Promise<{ image: Image | undefined; others: Other[] }> {
  const others: Other[] = []
  for (const reference of candidates) {
    const known = await inspect(engine, reference, signal)
    if (known === undefined) continue
    const suits =
      `linux/${known.Architecture}` === architecture.platform ||
      (await holdsPlatform(engine, reference, architecture, signal))
    if (suits) return { image: describe(known, reference, architecture), others }
    others.push({ reference, architecture: known.Architecture })
  }
  return { image: undefined, others }
}

async function inspect(
  engine: Engine,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<Inspected | undefined> {
  const args = ['image', 'inspect', '--format', '{{json .}}', reference]
  const { code, stdout } = await callDocker(engine, args, { signal })
  return code === 0 ? (JSON.parse(stdout) as Inspected) : undefined
}

/**
 * Whether a name stands for the wanted platform besides the one that `inspect` shows, as it may where containerd keeps the images.
 * Versions of docker differ in how they tell that; a container that is made, and not run, shows it with all of them.
 */
async function holdsPlatform(
  engine: Engine,
  reference: string,
  { platform }: Architecture,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const name = `cruddur-platform-${randomBytes(6).toString('hex')}`
  const made = [
    'create',
    '--pull=never',
    `--platform=${platform}`,
    `--name=${name}`,
    `--label=cruddur.pid=${process.pid}`,
    '--entrypoint=/bin/sh',
  ]
  try {
    return (await callDocker(engine, [...made, reference], { signal })).code === 0
  } finally {
    await callDocker(engine, ['rm', '--force', name])
  }
}

function describe(known: Inspected, reference: string, { platform }: Architecture): Image {
  const repository = reference.replace(/(?:@.*|:[^/]*)$/, '')
  const digests = known.RepoDigests ?? []
  const own = digests.find((digest) => digest.startsWith(`${repository}@`)) ?? digests[0]
  return { reference, id: known.Id, digest: own?.replace(/^.*@/, ''), platform }
}

function absent(reference: string, architecture: Architecture, others: readonly Other[]): CruddurError {
  if (others.length > 0) return wrongArchitecture(others, architecture)
  return new CruddurError(`The engine has no image ${reference} for ${architecture.platform}.`, {
    code: 'IMAGE_MISSING',
    hint: `Fetch it: docker pull --platform ${architecture.platform} ${reference}.`,
    details: { image: reference, platform: architecture.platform },
  })
}

function wrongArchitecture(
  others: readonly Other[],
  { platform }: Architecture,
  pullFailure?: CruddurError,
): CruddurError {
  const [first = { reference: 'The image', architecture: 'unknown' }] = others
  return new CruddurError(
    `${first.reference} is an image for linux/${first.architecture}, not for ${platform}.`,
    {
      code: 'IMAGE_WRONG_ARCHITECTURE',
      hint: `Fetch or build the one for ${platform}: docker pull --platform ${platform} ${first.reference}.`,
      context: pullFailure && `Fetching it failed: ${pullFailure.message}`,
      details: { image: first.reference, platform, found: `linux/${first.architecture}` },
      cause: pullFailure,
    },
  )
}
