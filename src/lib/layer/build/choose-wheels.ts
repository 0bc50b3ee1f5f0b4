import { CruddurError } from '../../errors.ts'
import { runStep } from '../../progress.ts'
import type { HttpClient } from '../http/http-client.ts'
import type { LayerJson } from '../layer-json.ts'
import type { ResolvedBy, ResolvedWheel, SourceOnly } from '../resolve/resolution.ts'
import { resolvePackages } from '../resolve/resolve-packages.ts'
import { describeTarget } from '../resolve/target.ts'
import { hintFor } from '../resolve/unsolvable.ts'
import type { BuildRequest, PassedOver } from './build-options.ts'
import type { KeptFile } from './build-missing.ts'
import { requestFor, requestForAll } from './build-request.ts'
import { keptChoice } from './kept-choice.ts'
import type { BuildPlan } from './plan-build.ts'

/** A wheel that the layer is to have. */
export interface ChosenWheel extends ResolvedWheel {
  name: string
  version: string
}

/** What the layer is made of. */
export interface Choice {
  wheels: ChosenWheel[]
  /** What has no wheel. */
  sources: SourceOnly[]
  /** What has to be built; `undefined` for nothing. */
  build: BuildRequest | undefined
  /** Libraries that an earlier build brought along, and the image that it was done in. */
  libraries: KeptFile[]
  image: LayerJson['image']
  passedOver: PassedOver[]
  /** `undefined` when it is what the last build had. */
  by: ResolvedBy | undefined
  pinned: boolean
  /** Whether every wheel has an address that always gives the same. */
  settled: boolean
}

const NOTHING_BUILT = { libraries: [], image: undefined } as const satisfies Partial<Choice>

/**
 * Chooses the wheels: those of the last build while nothing is asked that was not asked then, else as `resolvePackages` does.
 * @param cacheFolder where wheels and metadata are kept
 * @param before what the last build left, if it counts
 * @param http learns the logins of indexes
 * @throws what `resolvePackages` throws, and `NO_WHEEL` where nothing may be built
 */
export async function chooseWheels(
  plan: BuildPlan,
  cacheFolder: string,
  before: LayerJson | undefined,
  http: HttpClient,
): Promise<Choice> {
  const { inputs, target, index, builder, options } = plan
  const { onProgress, signal, resolver = 'auto', environment } = options
  const kept = before && keptChoice(before, cacheFolder)
  if (kept) {
    const reason = kept.pinned ? 'all are pinned' : 'those of the last build (--upgrade looks for newer ones)'
    onProgress?.({ type: 'skip', step: 'resolve', title: 'Choosing versions', reason })
    return kept
  }
  if (builder === 'docker')
    return {
      ...NOTHING_BUILT,
      wheels: [],
      sources: [],
      build: requestForAll(inputs, options),
      passedOver: [],
      by: 'pip',
      pinned: inputs.kind === 'lock',
      settled: true,
    }
  const resolution = await runStep(
    onProgress,
    'resolve',
    'Choosing versions',
    () =>
      resolvePackages({
        inputs,
        target,
        index,
        http,
        resolver,
        cacheFolder,
        environment,
        signal,
        onProgress,
      }),
    ({ packages, sourceOnly, by }) =>
      `${counted(packages.length + sourceOnly.length, 'package')} for ${describeTarget(target)}, ${by === 'lock' ? 'as they are pinned' : `chosen by ${by}`}`,
  )
  if (builder === 'wheels' && resolution.sourceOnly.length > 0) throw noWheel(resolution.sourceOnly)
  return {
    ...NOTHING_BUILT,
    wheels: resolution.packages.map(({ name, version, wheel }) => ({ name, version, ...wheel })),
    sources: resolution.sourceOnly,
    build: requestFor(resolution.sourceOnly, inputs),
    passedOver: resolution.packages.flatMap(({ name, version, passedOver }) =>
      passedOver ? [{ name, version, newer: passedOver.version, why: passedOver.why }] : [],
    ),
    by: resolution.by,
    pinned: resolution.by === 'lock',
    settled: resolution.packages.every(({ wheel }) => !wheel.url.startsWith('file:')),
  }
}

/** `1 package`, `3 packages`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/**
 * @param missing why it cannot be done here
 * @returns the error of packages that would have to be compiled
 */
export function noWheel(sources: readonly SourceOnly[], missing?: CruddurError): CruddurError {
  const [first] = sources
  const names = sources.map(({ name, version }) => `${name} ${version}`)
  const why = sources.map((source) => source.why).join('; ')
  return new CruddurError(
    `${names.join(', ')} must be compiled: ${why}.${missing ? ` ${missing.message}` : ''}`,
    {
      code: 'NO_WHEEL',
      hint: missing?.hint ?? `${hintFor(first?.fits ?? [])}.`,
      details: { packages: sources.map(({ name, version, fits }) => ({ name, version, fits })) },
      cause: missing,
    },
  )
}
