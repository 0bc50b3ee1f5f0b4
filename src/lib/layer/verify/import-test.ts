import { CruddurError } from '../../errors.ts'
import { runStep } from '../../progress.ts'
import { type ContainerEnd, runContainer } from '../docker/run-container.ts'
import { functionEnvironment } from '../invoke/function-environment.ts'
import { OWN_FOLDER, withMounts } from '../invoke/mounts.ts'
import {
  findRuntimeImage,
  loadingTime,
  type RuntimeImage,
  type RuntimeImageOptions,
} from '../invoke/runtime-image.ts'
import type { Runtime } from '../runtimes.ts'
import { finding, type Finding } from './findings.ts'
import { importFindings, outcomeOf, type Tried } from './imports/import-findings.ts'
import {
  type ImportRun,
  importRun,
  type ImportTestResult,
  mayDiffer,
  requireRightImage,
} from './imports/import-run.ts'
import { type ImportableModule, importableModules } from './imports/importable-modules.ts'
import { IMPORTER, type ImportPlan } from './imports/importer.ts'
import { parseImporterOutput } from './imports/importer-output.ts'
import type { LayerContext } from './layer-context.ts'

export interface ImportTestOptions extends Omit<RuntimeImageOptions, 'runtime' | 'architecture'> {
  /** Milliseconds that a module may take; by default 30 s, and 3 min where it is emulated. */
  moduleTimeout?: number | undefined
  /** Milliseconds for all modules of a runtime; a quarter of an hour by default. */
  timeout?: number | undefined
}

/** Milliseconds. */
const TIMEOUT = 900_000

/** What one can do without Docker. */
const OTHERWISE = 'Without --import, verify needs no Docker.'

/**
 * Imports what is in a layer in the image of each runtime that it is judged for: at `/opt`, with the search path, variables and
 * rights of a function, without a network.
 * @throws {CruddurError} `DOCKER_…`, `IMAGE_…`, `EMULATION_…`, `CONTAINER_NOT_STARTED`, `IMAGE_WRONG_PYTHON`; `ZIP_…`
 * @throws {InterruptedError} the container is gone by then
 */
export async function testImports(
  layer: LayerContext,
  options: ImportTestOptions,
): Promise<ImportTestResult> {
  const result: ImportTestResult = { runs: [], findings: [] }
  // One that is far too large is told of already, and would fill the disk.
  if (!layer.wasRead) return result
  for (const runtime of layer.runtimes) {
    const modules = importableModules(layer, runtime)
    if (modules.length === 0) continue
    const place = await findRuntimeImage({ ...options, runtime, architecture: layer.arch }, OTHERWISE)
    const { run, findings } = await testRuntime(layer, { ...place, runtime, modules }, options)
    if (run) result.runs.push(run)
    result.findings.push(...findings)
  }
  return result
}

/** What is tried, and where. */
interface Trial extends RuntimeImage {
  runtime: Runtime
  modules: readonly ImportableModule[]
}

async function testRuntime(
  layer: LayerContext,
  trial: Trial,
  options: ImportTestOptions,
): Promise<{ run?: ImportRun; findings: Finding[] }> {
  const { image, runtime, modules } = trial
  const limit = (options.moduleTimeout ?? loadingTime(trial.engine, image)) / 1000
  const plan: ImportPlan = { limit, modules: modules.map(({ module, root }) => [module, root]) }
  const files = { 'importer.py': IMPORTER, 'imports.json': JSON.stringify(plan) }
  const title = `Importing ${modules.length} modules in ${image.reference}`
  let end: ContainerEnd
  try {
    end = await runStep(options.onProgress, 'import', title, () =>
      withMounts({ engine: trial.engine, files, layers: [layer.tree.path] }, (mounts) =>
        runContainer(trial.engine, {
          image,
          purpose: 'import',
          command: ['python3', `${OWN_FOLDER}/importer.py`],
          environment: functionEnvironment(
            { folder: 'import', handler: 'app.handler', runtime },
            'import',
            limit,
          ),
          mounts,
          workingFolder: '/var/task',
          network: 'none',
          timeout: options.timeout ?? TIMEOUT,
          signal: options.signal,
        }),
      ),
    )
  } catch (error) {
    if (!(error instanceof CruddurError) || error.code !== 'LAYER_LINK_OUTSIDE') throw error
    return { findings: [notTried(runtime, error.message)] }
  }
  const { start, outcomes } = parseImporterOutput(end.stdout)
  if (!start) return { findings: [notBegun(trial, end)] }
  requireRightImage(trial, layer.arch, start)
  const tried = modules.map((module): Tried => ({ module, outcome: outcomes.get(module.module) }))
  const findings = importFindings({ layer, runtime, isStandIn: mayDiffer(trial, start) }, tried)
  const left = tried.filter((one) => outcomeOf(one) === 'not-tried')
  if (left.length > 0)
    findings.push(
      notTried(runtime, `${left.length} of ${modules.length} modules were not reached: ${howItEnded(end)}`),
    )
  return { run: importRun(trial, start, tried), findings }
}

/** @throws {CruddurError} `IMAGE_UNUSABLE` when it is not the layer that is to blame */
function notBegun({ image, runtime }: Trial, end: ContainerEnd): Finding {
  const words = end.stderr.trim().slice(-2000)
  if (end.code === 126 || end.code === 127)
    throw new CruddurError(`The image ${image.reference} has no python3 that runs.`, {
      code: 'IMAGE_UNUSABLE',
      hint: 'Name another image, e.g. one that is made from the base image of Lambda.',
      context: words,
      details: { image: image.reference },
    })
  return notTried(
    runtime,
    `Python did not get as far as the first import: ${words.split('\n').at(-1) || howItEnded(end)}`,
  )
}

function howItEnded({ stopped, outOfMemory, code }: ContainerEnd): string {
  if (stopped) return 'the time was over.'
  return outOfMemory ? 'the memory was used up.' : `the container ended with ${code}.`
}

function notTried(runtime: Runtime, reason: string): Finding {
  return finding('import-failed', {
    reason: `imports in ${runtime.name}: ${reason}`,
    details: { runtime: runtime.name },
  })
}
