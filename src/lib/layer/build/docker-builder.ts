import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CruddurError, UsageError } from '../../errors.ts'
import { runStep, type VerbOptions } from '../../progress.ts'
import type { Architecture } from '../architectures.ts'
import { requireRunnable } from '../docker/emulation.ts'
import { findEngine } from '../docker/engine.ts'
import { type Image, obtainImage, type PullPolicy } from '../docker/image.ts'
import type { Runtime } from '../runtimes.ts'
import { readBuiltWheels } from './built-wheels.ts'
import { buildFailed, recogniseFailure } from './build-failure.ts'
import { type CopiedLibrary, copyLibraries } from './image-libraries.ts'
import { type BuildPlace, runPip } from './pip-container.ts'

export interface DockerBuildOptions extends VerbOptions {
  /** Requirements, e.g. `psycopg2==2.9.12`. */
  requirements?: readonly string[] | undefined
  /** Files of requirements; what they refer to must be in the same folder or below. */
  requirementFiles?: readonly string[] | undefined
  /** Whether what the requirements need is built as well; true by default. */
  dependencies?: boolean | undefined
  runtime: Runtime
  architecture: Architecture
  /** The folder that gets the wheels, and in `lib` the libraries; it is made when it is not there. */
  output: string
  /** Names of the libraries that the runtime has. */
  runtimeLibraries: ReadonlySet<string>
  /** An image to build in instead of the runtime's. */
  image?: string | undefined
  pull?: PullPolicy | undefined
  /** Whether the engine may be taught to run the architecture's programs; see `requireRunnable`. */
  register?: boolean | undefined
  /** This machine's environment: where docker is, and how pip is set up. */
  environment: Readonly<Record<string, string | undefined>>
  home: string | undefined
  /** The network of the container; by default one that reaches the package index. */
  network?: string | undefined
  /** Milliseconds for pip; an hour by default. */
  timeout?: number | undefined
  /** Where the work is done; an engine in a virtual machine must see it. */
  temporaryDirectory?: string | undefined
}

/** What can be done without Docker. */
const OTHERWISE = 'Packages that have wheels need none of it: --builder wheels.'

export interface DockerBuildResult {
  wheels: { file: string; path: string }[]
  /** What the compiled files need besides the runtime's, for the layer's `lib`. */
  libraries: CopiedLibrary[]
  /** The image that they were made in; `digest` is `undefined` where no registry has it. */
  image: Pick<Image, 'reference' | 'id' | 'digest'>
}

/** Milliseconds. Large packages take long where the processor is emulated. */
const TIMEOUT = 3_600_000

/**
 * Makes wheels with `pip wheel` in the runtime's image, or in its build image where they have to be compiled. What comes out
 * is checked, and libraries that it needs are copied along.
 * @throws {CruddurError} `DOCKER_…`, `IMAGE_…`, `EMULATION_…`, `CONTAINER_NOT_STARTED`, `BUILD_…`, `INDEX_UNREACHABLE`, `PACKAGE_NOT_FOUND`,
 *   `HASH_MISMATCH`, `REQUIREMENTS_CONFLICT`
 * @throws {InterruptedError} the container is gone by then
 */
export async function buildWithDocker(options: DockerBuildOptions): Promise<DockerBuildResult> {
  const { requirements = [], requirementFiles = [], environment, signal } = options
  const odd = requirements.find((one) => one.startsWith('-') || /[\r\n]/.test(one))
  if (odd !== undefined)
    throw new UsageError(`"${odd}" is not a requirement.`, {
      code: 'REQUIREMENT_INVALID',
      hint: "Write it as in psycopg2==2.9.12; pip's options belong into a file of requirements.",
    })
  const what = [...requirements, ...requirementFiles].join(', ')
  const engine = await findEngine({ environment, signal, otherwise: OTHERWISE })
  const work = await mkdtemp(join(options.temporaryDirectory ?? tmpdir(), 'cruddur-build-'))
  try {
    const place = { engine, work, what, timeout: options.timeout ?? TIMEOUT }
    const image = await buildSomewhere(place, options)
    return await collect(place, image, options)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Builds in the image that was named; else in that of the runtime, and then in the one with a compiler. */
async function buildSomewhere(place: BuildPlace, options: DockerBuildOptions): Promise<Image> {
  const { runtime, image: named } = options
  const first = await obtain(place, named ?? runtime.image, options)
  const output = await build(place, first, options)
  if (output === undefined) return first
  const failure = buildFailed(place.what, first.reference, output)
  if (named !== undefined || !recogniseFailure(output)?.inBuildImage) throw failure
  options.onProgress?.({
    type: 'note',
    level: 'info',
    text: `${place.what} has to be compiled, and ${runtime.image} lacks what that takes: trying ${runtime.buildImage}.`,
  })
  const second = await obtain(place, runtime.buildImage, options).catch((error: unknown) => {
    throw withoutBuildImage(failure, error)
  })
  const again = await build(place, second, options)
  if (again !== undefined) throw buildFailed(place.what, second.reference, again)
  return second
}

async function obtain(
  { engine }: BuildPlace,
  reference: string,
  options: DockerBuildOptions,
): Promise<Image> {
  const image = await obtainImage(engine, { ...options, reference })
  await requireRunnable(engine, image, options)
  return image
}

/** @returns what pip said when it failed */
function build(place: BuildPlace, image: Image, options: DockerBuildOptions): Promise<string | undefined> {
  const title = `Building ${place.what} in ${image.reference}`
  return runStep(options.onProgress, 'compile', title, () => runPip(place, image, options))
}

/** What is missing is what matters; that the build image cannot be had either is a remark. */
function withoutBuildImage(failure: CruddurError, error: unknown): unknown {
  if (!(error instanceof CruddurError) || error.kind === 'interrupted') return error
  return new CruddurError(failure.message, {
    code: failure.code,
    hint: `${error.message} ${error.hint ?? ''} Or name an image that has what is missing with --image.`,
    context: failure.context,
    details: failure.details,
    cause: error,
  })
}

/** Checks what was built, and brings it where it is wanted. */
async function collect(
  { engine, work }: BuildPlace,
  image: Image,
  { runtime, architecture, output, runtimeLibraries, signal }: DockerBuildOptions,
): Promise<DockerBuildResult> {
  const wheels = await readBuiltWheels(join(work, 'wheels'), runtime, architecture)
  const libraries = await copyLibraries(engine, {
    wheels,
    architecture,
    image,
    signal,
    provided: runtimeLibraries,
    folder: join(work, 'lib'),
  })
  await mkdir(join(output, 'lib'), { recursive: true })
  // Copied, not moved: it may be another disk, and the copies are ours.
  for (const { file, path } of wheels) await copyFile(path, join(output, file))
  for (const { name, path } of libraries) await copyFile(path, join(output, 'lib', name))
  return {
    wheels: wheels.map(({ file }) => ({ file, path: join(output, file) })),
    libraries: libraries.map(({ name, neededBy }) => ({ name, path: join(output, 'lib', name), neededBy })),
    image: { reference: image.reference, id: image.id, digest: image.digest },
  }
}
