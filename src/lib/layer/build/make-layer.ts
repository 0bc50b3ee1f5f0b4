import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runStep } from '../../progress.ts'
import { HttpClient } from '../http/http-client.ts'
import type { LayerJson } from '../layer-json.ts'
import { openWheel, type Wheel } from '../wheel/open-wheel.ts'
import type { BuildResult, Verdict } from './build-options.ts'
import { buildMissing } from './build-missing.ts'
import { describeLayer, describeWheel, type WheelFile } from './describe-layer.ts'
import { type Choice, chooseWheels } from './choose-wheels.ts'
import { fetchWheels } from './fetch-wheels.ts'
import { requireRecorded, requireReproduced } from './frozen.ts'
import { requireSound, verifyZip } from './judge.ts'
import type { BuildPlan } from './plan-build.ts'
import { plannedResult, resultOf } from './result.ts'
import { Staging } from './staging.ts'
import { isAsDescribed, touch } from './unchanged.ts'
import { writeLayer } from './write-layer.ts'

/**
 * Builds a layer, whatever is there already.
 * @param before what the last build left beside the zip
 * @throws see `buildLayer`
 */
export async function makeLayer(plan: BuildPlan, before: LayerJson | undefined): Promise<BuildResult> {
  const { cache, cacheFolder, network } = plan.options
  const http = new HttpClient(network)
  const folder = cache === false ? await mkdtemp(join(tmpdir(), 'cruddur-layer-')) : undefined
  try {
    return await makeWith(plan, before, { cache: folder ?? cacheFolder, http })
  } finally {
    http.close()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

async function makeWith(
  plan: BuildPlan,
  before: LayerJson | undefined,
  { cache, http }: { cache: string; http: HttpClient },
): Promise<BuildResult> {
  const { options } = plan
  const recorded = options.frozen ? requireRecorded(plan, before) : undefined
  const isKept =
    !options.upgrade && options.cache !== false && before?.build?.resolutionKey === plan.resolutionKey
  const choice = await chooseWheels(plan, cache, recorded ?? (isKept ? before : undefined), http)
  if (options.dryRun) return plannedResult(plan, choice)
  const reusable = recorded || choice.build ? undefined : before
  if (reusable && (await isTheSame(plan, choice.wheels, reusable))) return unchanged(plan, choice, reusable)
  const fetched = await fetchWheels(choice.wheels, plan, cache, http)
  // What an index does not say, and what lies in a folder, has its hash only now.
  if (reusable && (await isTheSame(plan, fetched, reusable))) return unchanged(plan, choice, reusable)
  const built = await buildMissing(plan, choice, cache)
  const files: WheelFile[] = [
    ...fetched.map(({ path, fileName, sha256, size }, index) => ({
      path,
      fileName,
      sha256,
      size,
      url: choice.wheels[index]?.url,
    })),
    ...built.wheels,
    // The names decide who comes first where two packages bring the same file.
  ].toSorted((a, b) => (a.fileName < b.fileName ? -1 : 1))
  const wheels: Wheel[] = []
  const staging = await Staging.open(plan.zip, plan.json)
  try {
    for (const { path, fileName } of files) wheels.push(openWheel(path, fileName))
    const written = await writeLayer(staging.zip, { wheels, libraries: built.libraries }, plan)
    if (recorded) requireReproduced(recorded, written.codeSha256)
    const verdict = await judge(plan, staging.zip)
    const layer = describeLayer(plan, {
      choice,
      wheels: wheels.map((wheel, index) => describeWheel(wheel, files[index])),
      built,
      written,
      verdict,
    })
    await staging.commit(layer)
    return resultOf(recorded ? 'reproduced' : 'built', plan, layer, {
      choice,
      verdict,
      warnings: written.warnings,
    })
  } finally {
    for (const { archive } of wheels) archive.close()
    await staging.close()
  }
}

async function unchanged(plan: BuildPlan, choice: Choice, before: LayerJson): Promise<BuildResult> {
  await touch(plan.json, new Date())
  return resultOf('unchanged', plan, before, { choice })
}

/** Whether these wheels are what the last build had, and its zip is still there. */
async function isTheSame(
  { key, zip, json, options }: BuildPlan,
  wheels: Parameters<typeof hashes>[0],
  before: LayerJson,
): Promise<boolean> {
  if (before.build?.key !== key || options.cache === false) return false
  if (options.verify !== false && !before.build.verified) return false
  return hashes(wheels) === hashes(before.wheels) && isAsDescribed(zip, json, before)
}

function hashes(wheels: readonly { sha256: string | undefined }[]): string {
  return JSON.stringify(wheels.map(({ sha256 = '' }) => sha256).toSorted())
}

async function judge({ name, target, options }: BuildPlan, zip: string): Promise<Verdict | undefined> {
  const { verify = verifyZip, onProgress, signal } = options
  if (verify === false) {
    onProgress?.({ type: 'skip', step: 'verify', title: 'Verifying', reason: '--no-verify' })
    return undefined
  }
  const verdict = await runStep(onProgress, 'verify', 'Verifying', () => verify(zip, target, { signal }))
  requireSound(name, verdict)
  return verdict
}
