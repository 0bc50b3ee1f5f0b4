import { poll, type PollOptions } from '../../poll.ts'
import type { Layers, NewVersion } from '../lambda/layers.ts'
import type { LayerVersion } from '../lambda/layer-version.ts'
import type { Publication } from './plan-publication.ts'

/** Milliseconds for which it is tried again. */
const TIMEOUT = 300_000

/** Milliseconds before it is tried again: soon at first. */
function usualPace(elapsed: number): number {
  return Math.min(15_000, 1000 + elapsed / 2)
}

/** Whether a version has the content that is to be published, and says that it is for the same. */
export function isSame(version: LayerVersion, publication: Publication): boolean {
  return (
    version.codeSha256 === publication.codeSha256 &&
    isSameSet(version.runtimes, publication.runtimes) &&
    isSameSet(version.architectures, publication.architectures)
  )
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one))
}

/**
 * Publishes a version, once: where the answer is lost, the layer's newest version tells whether there is one now.
 * @param newest the layer's newest version before
 * @throws {CruddurError} `AWS_…`, and see `lambda-errors.ts`
 * @throws {InterruptedError}
 */
export async function publishOnce(
  layers: Layers,
  publication: Publication,
  content: NewVersion['content'],
  newest: number,
  { pace = usualPace, signal }: Pick<PollOptions, 'pace' | 'signal'>,
): Promise<LayerVersion> {
  let failure: unknown
  const attempt = async () => {
    const found = failure === undefined ? undefined : await layers.newest(publication.name)
    if (found && found.version > newest && isSame(found, publication)) return found
    try {
      return await layers.publish({ ...publication, content })
    } catch (error) {
      failure = error
      throw error
    }
  }
  // It waits over throttling and lost connections only.
  const version = await poll(attempt, { timeout: TIMEOUT, pace, signal })
  if (version) return version
  throw failure
}
