import type { VerbOptions } from '../../progress.ts'
import type { Architecture } from '../architectures.ts'
import { isEmulated, requireRunnable } from '../docker/emulation.ts'
import { type Engine, findEngine } from '../docker/engine.ts'
import { type Image, obtainImage, type PullPolicy } from '../docker/image.ts'
import type { Runtime } from '../runtimes.ts'

export interface RuntimeImageOptions extends VerbOptions {
  runtime: Runtime
  architecture: Architecture
  /** An image to run in instead of the runtime's. */
  image?: string | undefined
  pull?: PullPolicy | undefined
  /** Whether the engine may be taught to run the architecture's programs; see `requireRunnable`. */
  register?: boolean | undefined
  /** This machine's environment: where docker is. */
  environment: Readonly<Record<string, string | undefined>>
}

/** Where what is of a runtime can be run. */
export interface RuntimeImage {
  engine: Engine
  image: Image
}

/** Milliseconds in which a module must be loaded. Lambda allows 10 s; a container has to start, and emulation is slow. */
const LOADING = { native: 30_000, emulated: 180_000 } as const

/**
 * Finds the engine, and the image of a runtime, and sees to it that it runs.
 * @param otherwise what can be done without Docker, as a sentence for messages
 * @throws {CruddurError} `DOCKER_…`, `IMAGE_…`, `EMULATION_…`
 * @throws {InterruptedError}
 */
export async function findRuntimeImage(
  options: RuntimeImageOptions,
  otherwise?: string,
): Promise<RuntimeImage> {
  const { environment, signal } = options
  const engine = await findEngine({ environment, signal, otherwise })
  const reference = options.image ?? options.runtime.image
  const image = await obtainImage(engine, { ...options, reference })
  await requireRunnable(engine, image, options)
  return { engine, image }
}

/** Milliseconds in which a module must be loaded in an image. */
export function loadingTime(engine: Engine, image: Image): number {
  return isEmulated(engine, image) ? LOADING.emulated : LOADING.native
}
