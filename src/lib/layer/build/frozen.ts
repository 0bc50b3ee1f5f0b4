import { CruddurError, UsageError } from '../../errors.ts'
import type { LayerJson } from '../layer-json.ts'
import type { BuildPlan } from './plan-build.ts'

/**
 * What a frozen build has to come to.
 * @throws {UsageError} `LAYER_NOT_RECORDED` when there is no record of a build
 * @throws {CruddurError} `LAYER_OUTDATED` when something else is asked for than was built
 */
export function requireRecorded(
  { json, resolutionKey, layout, prune, keep, strip }: BuildPlan,
  before: LayerJson | undefined,
): LayerJson {
  if (!before?.build)
    throw new UsageError(`There is no "${json}" that says what the layer has to be.`, {
      code: 'LAYER_NOT_RECORDED',
      hint: 'Build it once without --frozen, and keep the file with the project.',
      details: { file: json },
    })
  const isSame =
    before.build.resolutionKey === resolutionKey && sameOptions(before, { layout, prune, keep, strip })
  if (isSame) return before
  throw new CruddurError(`"${json}" was built from something else than is asked for now.`, {
    code: 'LAYER_OUTDATED',
    hint: 'Build it again without --frozen, or ask for the same as then.',
    details: { file: json },
  })
}

/** Which cruddur it was does not matter: the bytes say whether it makes the same. */
function sameOptions({ options }: LayerJson, asked: object): boolean {
  return Object.entries(asked).every(([key, value]) => JSON.stringify(options[key]) === JSON.stringify(value))
}

/**
 * Makes sure that the same bytes came out.
 * @throws {CruddurError} `LAYER_NOT_REPRODUCED`
 */
export function requireReproduced({ codeSha256, build }: LayerJson, found: string): void {
  if (found === codeSha256) return
  const because = build?.notReproducible
  throw new CruddurError('The same wheels made another zip than the one that was built before.', {
    code: 'LAYER_NOT_REPRODUCED',
    hint: because
      ? `It was ${because}; another version of that makes other bytes.`
      : 'Another version of cruddur may place files otherwise: build it again without --frozen.',
    details: { expected: codeSha256, found },
  })
}
