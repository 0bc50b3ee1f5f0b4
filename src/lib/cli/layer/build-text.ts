import { relative } from 'node:path'
import { formatDuration } from '../../duration.ts'
import type { BuildResult } from '../../layer/build/build-options.ts'
import { sizeTable } from '../../layer/build/size-report.ts'
import { count, formatBytes, printable, table } from '../format.ts'

/** How wide lines may be: a table is for reading, and a pipe has no width. */
const WIDE = 1000

/** What a build came to, for people. */
export function describeBuild(result: BuildResult): string {
  const lines = result.outcome === 'planned' ? describePlan(result) : describeLayer(result)
  return lines.map(printable).join('\n')
}

function describePlan({ name, wheels, sources, python, arch }: BuildResult): string[] {
  const rows = [
    ...wheels.map(({ name: one, version, size, fileName }) => [
      one,
      version,
      size === undefined ? '' : formatBytes(size),
      fileName,
    ]),
    ...sources.map(({ name: one, version }) => [one, version, '', 'built in Docker']),
  ]
  return [
    ...table(['PACKAGE', 'VERSION', 'SIZE', 'WHEEL'], rows, WIDE),
    '',
    `${name} would be built for python${python} on ${arch} from ${count(rows.length, 'package')}; nothing was downloaded or written.`,
  ]
}

function describeLayer(result: BuildResult): string[] {
  const { outcome, zip, sizes, packages, codeSha256, verdict } = result
  const path = shortest(zip)
  const size = `${formatBytes(sizes.zip)} zipped, ${formatBytes(sizes.unzipped)} unzipped`
  if (outcome === 'unchanged') return [`Nothing changed: ${path} (${size})${newer(result)}.`]
  const warnings = verdict?.counts.warning ?? 0
  return [
    ...sizeTable(packages),
    '',
    `${outcome === 'reproduced' ? 'Reproduced' : 'Built'} ${path} in ${formatDuration(result.ms)}: ${size}, ${count(packages.length, 'package')}.`,
    `CodeSha256 ${codeSha256}`,
    ...(result.needsS3
      ? ['It is too large to be uploaded directly: cruddur layer publish goes through S3.']
      : []),
    ...(warnings > 0
      ? [`It is sound, with ${count(warnings, 'warning')}: cruddur layer verify shows them.`]
      : []),
  ]
}

/** What may still be newer than what is there. */
function newer({ pinned, resolvedBy }: BuildResult): string {
  return pinned || resolvedBy !== undefined ? '' : '; --upgrade looks for newer versions'
}

/** The path as people would write it from where they are. */
function shortest(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.startsWith('..') ? path : fromHere
}
