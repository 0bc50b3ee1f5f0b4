import { groupedDigits } from '../../../grouped-digits.ts'
import { LIMITS } from '../../limits.ts'
import { mustStay } from '../../wheel/must-stay.ts'
import { layerComponents } from '../components.ts'
import { finding, type Finding } from '../findings.ts'
import type { LayerContext } from '../layer-context.ts'

/** What part of the unzipped limit a layer should take at most: the function and other layers need some of it too. */
const RECOMMENDED_PART = 0.8

/** Files that no function needs: what Python compiles again, and what is for developers. */
const PRUNABLE = /(?:^|\/)(?:__pycache__|tests?|include)\/|\.(?:pyc|pyi|pxd|pyx|h|hpp|a)$/

/** From how many bytes on it is worth telling. */
const WORTH_PRUNING = 1_000_000

/** Against the limits of Lambda ("Lambda quotas"). */
export function checkSizes(layer: LayerContext): Finding[] {
  const { tree } = layer
  const unzipped = tree.files.reduce((sum, { size }) => sum + size, 0)
  return [...unzippedSize(layer, unzipped), ...zipSize(tree.zipSize), ...prunable(layer), ...notRead(layer)]
}

function unzippedSize(layer: LayerContext, unzipped: number): Finding[] {
  const largest = layerComponents(layer)
    .slice(0, 3)
    .map(({ name, size }) => `${name} ${groupedDigits(size)}`)
    .join(', ')
  const details = { unzipped, limit: LIMITS.unzipped }
  if (unzipped >= LIMITS.unzipped)
    return [
      finding('unzipped-size', {
        reason: `unzipped it has ${groupedDigits(unzipped)} bytes, and a function with all its layers must have fewer than ${groupedDigits(LIMITS.unzipped)} (most are in ${largest}).`,
        remedy:
          'Build it with cruddur layer build (it prunes), add --strip, leave packages out, or deploy the function as a container image.',
        production: `Unzipped size must be smaller than ${LIMITS.unzipped} bytes`,
        details,
      }),
    ]
  if (unzipped < LIMITS.unzipped * RECOMMENDED_PART) return []
  return [
    finding('unzipped-size-near', {
      reason: `unzipped it has ${groupedDigits(unzipped)} bytes: ${groupedDigits(LIMITS.unzipped - unzipped)} are left for the function and its other layers.`,
      remedy: 'Keep layers below 80 % of the limit: add --strip, or leave packages out.',
      production: `Function code combined with layers exceeds the maximum allowed size of ${LIMITS.unzipped} bytes`,
      details,
    }),
  ]
}

function zipSize(size = 0): Finding[] {
  if (size <= LIMITS.directUpload) return []
  return [
    finding('direct-upload-size', {
      reason: `the zip has ${groupedDigits(size)} bytes, and only ${groupedDigits(LIMITS.directUpload)} go with the request itself.`,
      remedy:
        'It goes through S3: cruddur layer publish does so by itself; with Terraform use s3_bucket and s3_key.',
      production:
        'RequestEntityTooLargeException: Request must be smaller than 70167211 bytes for the PublishLayerVersion operation',
      details: { size, limit: LIMITS.directUpload },
    }),
  ]
}

function prunable({ tree }: LayerContext): Finding[] {
  const files = tree.files.filter(({ path }) => PRUNABLE.test(path) && !mustStay(path))
  const size = files.reduce((sum, file) => sum + file.size, 0)
  if (size < WORTH_PRUNING) return []
  return [
    finding('prunable-files', {
      reason: `${groupedDigits(size)} bytes in ${groupedDigits(files.length)} files are tests, caches, headers or stubs.`,
      remedy: 'cruddur layer build leaves them out.',
      details: { size, files: files.length },
    }),
  ]
}

function notRead({ wasRead }: LayerContext): Finding[] {
  if (wasRead) return []
  return [
    finding('contents-not-read', {
      reason: 'it is so much too large that its files were only measured.',
      remedy: 'Make it smaller, and verify it again.',
    }),
  ]
}
