import { CruddurError } from '../../errors.ts'
import { verifyLayer } from '../verify/verify-layer.ts'
import type { Verdict, VerifyZip } from './build-options.ts'

/** Judges a zip as `layer verify` does. */
export const verifyZip: VerifyZip = async (path, { runtime, architecture }, { signal }) => {
  const { ok, findings, counts, versions } = await verifyLayer({
    path,
    pythons: [runtime.python],
    arch: architecture.name,
    signal,
  })
  return { ok, findings, counts, versions }
}

/** Findings that a message lists. */
const SHOWN = 12

/**
 * Makes sure that a layer would work.
 * @throws {CruddurError} `LAYER_NOT_SOUND`
 */
export function requireSound(name: string, { ok, findings }: Verdict): void {
  if (ok) return
  const errors = findings.filter(({ severity }) => severity === 'error')
  const shown = errors
    .slice(0, SHOWN)
    .map(
      ({ id, file, reason, production }) =>
        `${id}: ${file === '' ? '' : `${file}: `}${reason}${production === undefined ? '' : `\n  production would say: ${production}`}`,
    )
  const more = errors.length > SHOWN ? [`… and ${errors.length - SHOWN} more (--json has all)`] : []
  throw new CruddurError(`The layer "${name}" would fail in Lambda, so no zip was written.`, {
    code: 'LAYER_NOT_SOUND',
    context: [...shown, ...more].join('\n'),
    hint: `${errors.find(({ remedy }) => remedy !== '')?.remedy ?? 'Take other versions.'} (--no-verify writes it nevertheless.)`,
    details: { findings },
  })
}
