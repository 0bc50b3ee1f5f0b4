import type { AttachResult } from '../../layer/attach.ts'
import type { ListedLayer, ListResult } from '../../layer/list.ts'
import type { PackageResult } from '../../layer/package.ts'
import type { PublishResult } from '../../layer/publish.ts'
import { LIMITS } from '../../layer/limits.ts'
import { count, formatBytes, printable, table } from '../format.ts'

/** One line about what has been published. */
export function describePublication(result: PublishResult): string {
  const { arn, name, created, dryRun, through, size, key, bucket } = result
  if (!created) return `${arn} is the same already.`
  const way =
    through === 's3' ? `through S3${bucket === undefined ? '' : ` (${bucket})`}` : 'with the request'
  if (dryRun) return `Would publish ${name} (${formatBytes(size)}, ${way}).`
  return `Published ${arn} (${formatBytes(size)}, ${way}).${key === undefined ? '' : `\nThe zip stays at s3://${bucket}/${key}.`}`
}

/** A line for each function; with what failed below it. */
export function describeAttachments({ layer, functions, dryRun }: AttachResult): string[] {
  const what = `${layer.name}:${layer.version}`
  return functions.map((one) => {
    if (one.outcome === 'failed') {
      const { message, hint } = one.error
      return `${one.function}: ${printable(message)}${hint === undefined ? '' : ` ${hint}`}`
    }
    if (one.outcome === 'unchanged') return `${one.function} has ${what} already.`
    const { unzipped } = one
    const size = unzipped && `${unzipped.isEstimate ? 'at least ' : ''}${formatBytes(unzipped.bytes)}`
    const room = size === undefined ? '' : `; ${size} of ${formatBytes(LIMITS.unzipped)} unzipped`
    const place = one.replaced === undefined ? '' : ` in place of version ${one.replaced.split(':').at(-1)}`
    return `${dryRun ? 'Would attach' : 'Attached'} ${what} to ${one.function}${place}${room}.`
  })
}

/** The layers as a table. */
export function describeLayers({ layers, region }: ListResult, width: number): string[] {
  if (layers.length === 0) return [`There are no layers in ${region}.`]
  const withUsers = layers.some(({ functions }) => functions !== undefined)
  const heading = [
    'LAYER',
    'VERSION',
    'CREATED',
    'ZIP',
    'ARCHITECTURE',
    'RUNTIMES',
    ...(withUsers ? ['USED BY'] : []),
  ]
  return table(
    heading,
    layers.map((layer) => [
      layer.name,
      String(layer.version),
      layer.createdAt?.toISOString().slice(0, 10) ?? '',
      layer.codeSize === undefined ? '?' : formatBytes(layer.codeSize),
      layer.architectures.join(', ') || 'any',
      layer.runtimes.map(describeRuntime).join(', ') || 'any',
      ...(withUsers ? [describeUsers(layer)] : []),
    ]),
    width,
  )
}

function describeRuntime({ name, isDeprecated, deprecatedOn }: ListedLayer['runtimes'][number]): string {
  return isDeprecated ? `${name} (deprecated since ${deprecatedOn})` : name
}

function describeUsers({ functions = [], version }: ListedLayer): string {
  if (functions.length === 0) return 'nobody'
  return functions
    .map((one) => (one.version === version ? one.function : `${one.function} (version ${one.version})`))
    .join(', ')
}

/** What has been packed, and how much room is left. */
export function describePackage(result: PackageResult): string[] {
  const { path, entries, unzippedSize, size, total, layers, needsS3, dryRun } = result
  const what = `${count(entries, 'file')}, ${formatBytes(unzippedSize)}`
  return [
    dryRun
      ? `Would pack ${what}, into ${path}.`
      : `Packed ${what}, into ${path} (${formatBytes(size ?? 0)}).`,
    ...(layers.length === 0
      ? []
      : [
          `With ${count(layers.length, 'layer')} ${formatBytes(total)} of ${formatBytes(LIMITS.unzipped)} unzipped.`,
        ]),
    ...(needsS3 ? ['It is too large to go with a request: upload it through S3.'] : []),
  ]
}
