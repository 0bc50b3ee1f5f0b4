import type { LayerJson } from '../layer-json.ts'
import { LIMITS } from '../limits.ts'
import type { SourceOnly } from '../resolve/resolution.ts'
import type { BuildOutcome, BuildResult, PassedOver, Verdict } from './build-options.ts'
import type { Choice } from './choose-wheels.ts'
import type { BuildPlan } from './plan-build.ts'

type Common = Pick<BuildResult, 'name' | 'zip' | 'layerJson' | 'python' | 'arch' | 'layout' | 'origin' | 'ms'>

function common({ name, zip, json, target, layout, inputs, started }: BuildPlan): Common {
  return {
    name,
    zip,
    layerJson: json,
    python: target.runtime.python,
    arch: target.architecture.name,
    layout,
    origin: inputs.origin,
    ms: performance.now() - started,
  }
}

/** What is known when nothing is built. */
export function plannedResult(
  plan: BuildPlan,
  { wheels, sources, build, passedOver, by, pinned }: Choice,
): BuildResult {
  return {
    outcome: 'planned',
    ...common(plan),
    builder: build ? 'docker' : 'wheels',
    resolvedBy: by,
    wheels: wheels.map(({ name, version, fileName, sha256 = '', size, url }) => ({
      name,
      version,
      fileName,
      sha256,
      size,
      url,
    })),
    sources: sources.map(describeSource),
    passedOver,
    packages: [],
    sizes: { zip: 0, unzipped: 0 },
    codeSha256: undefined,
    needsS3: false,
    pinned,
    verdict: undefined,
    warnings: [...plan.warnings, ...passedOver.map(describePassedOver)],
  }
}

/** What there is after a build; or is already, when nothing had to be done. */
export function resultOf(
  outcome: BuildOutcome,
  plan: BuildPlan,
  { builder, wheels, sizes, codeSha256, build }: LayerJson,
  {
    choice,
    verdict,
    warnings = [],
  }: { choice?: Choice; verdict?: Verdict | undefined; warnings?: string[] } = {},
): BuildResult {
  const passedOver = choice?.passedOver ?? []
  return {
    outcome,
    ...common(plan),
    builder,
    resolvedBy: choice?.by,
    wheels,
    sources: (choice?.sources ?? []).map(describeSource),
    passedOver,
    packages: build?.packages ?? [],
    sizes,
    codeSha256,
    needsS3: sizes.zip > LIMITS.directUpload,
    pinned: build?.pinned ?? false,
    verdict,
    warnings: [...plan.warnings, ...passedOver.map(describePassedOver), ...warnings],
  }
}

function describeSource({ name, version, why }: SourceOnly): BuildResult['sources'][number] {
  return { name, version, why }
}

function describePassedOver({ name, version, newer, why }: PassedOver): string {
  return `${name} ${version} was taken instead of ${newer}: ${why}.`
}
