import { randomUUID } from 'node:crypto'
import { UsageError } from '../../errors.ts'
import type { Mount } from '../docker/container-arguments.ts'
import type { Engine } from '../docker/engine.ts'
import type { Image } from '../docker/image.ts'
import { type ContainerEnd, runContainer } from '../docker/run-container.ts'
import { functionEnvironment, requireVariables } from './function-environment.ts'
import { functionDied, functionFailed, functionNotLoaded, functionTimedOut } from './function-error.ts'
import { isFolder } from './layer-folder.ts'
import { OWN_FOLDER, withMounts } from './mounts.ts'
import { RUNNER } from './runner.ts'
import { RunnerOutput } from './runner-output.ts'
import { findRuntimeImage, loadingTime, type RuntimeImageOptions } from './runtime-image.ts'

export interface InvokeOptions extends RuntimeImageOptions {
  /** The folder with the function's code. */
  folder: string
  /** `app.handler`: the function `handler` in `app.py`. */
  handler: string
  /** The event, as JSON. */
  event: string
  /** Layers, folders or zips, in the order in which they are attached. */
  layers?: readonly string[] | undefined
  /** The function's variables. */
  variables?: Readonly<Record<string, string>> | undefined
  /** Milliseconds that the handler may take; 3 s by default, as with Lambda. */
  timeout?: number | undefined
  /** MiB; without it there is no limit, and the function is told 128. */
  memory?: number | undefined
  /** `bridge` by default; `host` for servers that listen on this machine only. */
  network?: string | undefined
  /** Is told what the function writes, to stdout or to stderr. */
  onLog?: ((text: string) => void) | undefined
}

export interface InvokeResult {
  /** What the function returned, as JSON. */
  answer: string
  requestId: string
  /** Milliseconds from the call of the handler to its answer. */
  ms: number
  image: Pick<Image, 'reference' | 'id' | 'digest'>
}

/** Milliseconds; "Configure Lambda function timeout" in the Developer Guide. */
const TIMEOUT = 3000

/** Bytes of the largest answer (AWS Lambda quotas, "Invocation payload", 6 MB), with room for how the runner wraps it. */
const LARGEST_ANSWER = 16_777_216

/**
 * Runs a function once in its runtime's image, with layers at `/opt`, and returns its answer.
 * @throws {UsageError} `INVALID_VARIABLE`, `EVENT_INVALID`, `FILE_NOT_READABLE`
 * @throws {CruddurError} `FUNCTION_FAILED`, `FUNCTION_TIMED_OUT`, `FUNCTION_DIED`, `FUNCTION_OUT_OF_MEMORY`; `DOCKER_…`, `IMAGE_…`,
 *   `EMULATION_…`, `CONTAINER_NOT_STARTED`; `ZIP_…`, `LAYER_LINK_OUTSIDE`
 * @throws {InterruptedError} the container is gone by then
 */
export async function invokeFunction(options: InvokeOptions): Promise<InvokeResult> {
  requireSound(options)
  const place = await findRuntimeImage(options)
  const files = { 'runner.py': RUNNER, 'event.json': options.event }
  return withMounts({ ...options, ...place, files }, (mounts) =>
    call(place.engine, place.image, mounts, options),
  )
}

function requireSound({ folder, event, layers = [], variables = {} }: InvokeOptions): void {
  if (!isFolder(folder))
    throw new UsageError(`"${folder}" is not a folder.`, {
      code: 'FILE_NOT_READABLE',
      hint: "Name the folder that has the function's code.",
    })
  for (const layer of layers) isFolder(layer)
  requireVariables(variables)
  try {
    JSON.parse(event)
  } catch (error) {
    throw new UsageError(`The event is not JSON: ${(error as Error).message}.`, {
      code: 'EVENT_INVALID',
      hint: 'Lambda passes an event as one JSON document.',
      cause: error,
    })
  }
}

async function call(
  engine: Engine,
  image: Image,
  mounts: readonly Mount[],
  options: InvokeOptions,
): Promise<InvokeResult> {
  const { handler, timeout = TIMEOUT, onLog } = options
  const requestId = randomUUID()
  const stop = new AbortController()
  const loading = loadingTime(engine, image)
  let timer = setTimeout(() => stop.abort(), loading)
  let calledAt = 0
  const output = new RunnerOutput(() => {
    calledAt = performance.now()
    clearTimeout(timer)
    timer = setTimeout(() => stop.abort(), timeout)
  })
  const decoder = new TextDecoder()
  let answeredAt = 0
  let end: ContainerEnd
  try {
    end = await runContainer(engine, {
      image,
      purpose: 'invoke',
      command: ['python3', `${OWN_FOLDER}/runner.py`],
      environment: functionEnvironment(options, requestId, timeout),
      mounts,
      workingFolder: '/var/task',
      network: options.network,
      memory: options.memory,
      stop: stop.signal,
      signal: options.signal,
      outputLimit: LARGEST_ANSWER,
      onStdout: (bytes) => {
        output.add(bytes)
        if (output.answer !== undefined) answeredAt ||= performance.now()
      },
      onStderr: (bytes) => onLog?.(decoder.decode(bytes, { stream: true })),
    })
  } finally {
    clearTimeout(timer)
  }
  if (output.answer !== undefined)
    return {
      answer: output.answer,
      requestId,
      ms: answeredAt - calledAt,
      image: { reference: image.reference, id: image.id, digest: image.digest },
    }
  if (output.error) throw functionFailed(handler, output.error)
  if (end.stopped)
    throw output.ready
      ? functionTimedOut(handler, timeout / 1000)
      : functionNotLoaded(handler, loading / 1000)
  throw functionDied(handler, end.code, end.outOfMemory)
}
