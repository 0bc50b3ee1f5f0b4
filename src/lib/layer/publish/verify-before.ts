import type { VerifyZip } from '../publish.ts'
import { verifyLayer } from '../verify/verify-layer.ts'

/**
 * Verifies a zip for all that it is said to be for: each architecture, with each of the runtimes.
 * @throws {CruddurError} see `verifyLayer`
 * @throws {InterruptedError}
 */
export const verifyBeforePublishing: VerifyZip = async (zip, { runtimes, architectures }, { signal }) => {
  const results = []
  for (const arch of architectures)
    results.push(await verifyLayer({ path: zip, pythons: runtimes, arch, signal }))
  const errors = results.flatMap(({ findings }) => findings).filter(({ severity }) => severity === 'error')
  return { ok: errors.length === 0, findings: errors }
}
