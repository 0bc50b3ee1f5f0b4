import { readLayerJson, type LayerJson } from '../layer-json.ts'
import type { BuildOptions, BuildResult } from './build-options.ts'
import { type BuildPlan, planBuild } from './plan-build.ts'
import { resultOf } from './result.ts'
import { isAsDescribed, touch } from './unchanged.ts'

/**
 * Builds a Lambda layer: chooses wheels for exactly the runtime, downloads them, puts them together without unpacking them, and judges what came
 * of it before it gets its name. When the same was built before and its zip is still there, nothing is done.
 * @throws {UsageError} `UNKNOWN_RUNTIME`, `UNKNOWN_ARCHITECTURE`, `LAYER_NAME_INVALID`, `LAYER_NOT_RECORDED`; what reading the requirements throws
 * @throws {CruddurError} what choosing and downloading wheels throws; `NO_WHEEL`, `WHEEL_INVALID`, `ZIP_INVALID`, `PACKAGES_CLASH`,
 *   `LAYER_TOO_LARGE`, `LAYER_NOT_SOUND`, `LAYER_OUTDATED`, `LAYER_NOT_REPRODUCED`, `ZIP_NOT_WRITTEN`
 * @throws {InterruptedError}
 */
export async function buildLayer(options: BuildOptions): Promise<BuildResult> {
  const plan = planBuild(options)
  const { note } = plan.inputs
  if (note !== undefined) options.onProgress?.({ type: 'note', level: 'info', text: note })
  const before = readBefore(plan)
  if (before && (await isUnchanged(plan, before))) {
    await touch(plan.json, new Date())
    return resultOf('unchanged', plan, before)
  }
  // What makes layers is loaded only now: mostly there is nothing to do.
  const { makeLayer } = await import('./make-layer.ts')
  return makeLayer(plan, before)
}

/** A file that cannot be read counts as none, but for who goes by it. */
function readBefore({ json, options }: BuildPlan): LayerJson | undefined {
  try {
    return readLayerJson(json)
  } catch (error) {
    if (options.frozen) throw error
    return undefined
  }
}

async function isUnchanged({ options, key, zip, json }: BuildPlan, before: LayerJson): Promise<boolean> {
  const { frozen = false, upgrade = false, dryRun = false, cache = true, verify } = options
  if (frozen || upgrade || dryRun || !cache || before.build?.key !== key || !before.build.settled)
    return false
  return (verify === false || before.build.verified) && isAsDescribed(zip, json, before)
}
