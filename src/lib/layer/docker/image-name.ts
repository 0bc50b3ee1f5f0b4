import type { ArchitectureName } from '../architectures.ts'

/** The repositories whose tags AWS also publishes for one architecture alone: with `-arm64` or `-x86_64` behind them. */
const SUFFIXED = /^public\.ecr\.aws\/(?:lambda|sam)\//

/**
 * The references under which an image of an architecture may be found, the best first. One for a single architecture comes before
 * one for several: most engines keep a tag for just one platform at a time, and pulling the other one would replace it.
 */
export function imageCandidates(reference: string, architecture: ArchitectureName): string[] {
  if (!SUFFIXED.test(reference) || reference.includes('@') || /-(?:arm64|x86_64)$/.test(reference))
    return [reference]
  const tagged = /:[^/]+$/.test(reference) ? reference : `${reference}:latest`
  return [`${tagged}-${architecture}`, tagged]
}
