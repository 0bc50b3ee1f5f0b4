import { styleText } from 'node:util'
import type { Finding } from '../../layer/verify/findings.ts'
import { FINDING_KINDS, type Severity } from '../../layer/verify/finding-table.ts'
import { groupBy } from '../../layer/verify/group-by.ts'
import type { ModuleOutcome } from '../../layer/verify/imports/import-findings.ts'
import type { ImportRun } from '../../layer/verify/imports/import-run.ts'
import type { TargetSource } from '../../layer/verify/target.ts'
import type { VerifyLayerResult } from '../../layer/verify/verify-layer.ts'
import { count, formatBytes, printable } from '../format.ts'

/** Files of one kind of finding that are shown; a wrong layer has hundreds, all for one reason. */
const SHOWN = 5

const COLOURS: Readonly<Record<Severity, Parameters<typeof styleText>[0]>> = {
  error: 'red',
  warning: 'yellow',
  info: 'cyan',
}

const SOURCES: Readonly<Record<TargetSource, string>> = {
  options: '',
  functions: ', as the functions that use it are',
  version: ', as the published version says',
  'layer.json': ', as the .layer.json beside it says',
  layer: ', as its files are made',
  default: ', as nothing says otherwise',
}

/** What verify has found, for people: the gravest first, files of one kind together. */
export function describeVerification(result: VerifyLayerResult): string {
  const groups = groupBy(result.findings, ({ id, severity }) => `${severity} ${id}`)
  const lines = heading(result)
  for (const group of groups.values()) lines.push('', ...describeGroup(group))
  return [...lines, '', verdict(result)].join('\n')
}

function heading(result: VerifyLayerResult): string[] {
  const { path, sizes, runtimes, architecture } = result
  const zip = sizes.zip === undefined ? '' : `${formatBytes(sizes.zip)} zipped, `
  const runtimeSource = SOURCES[result.runtimesFrom]
  const archSource = SOURCES[result.architectureFrom]
  const target =
    runtimeSource === archSource
      ? `${runtimes.join(', ')} on ${architecture}${archSource}`
      : `${runtimes.join(', ')}${runtimeSource}; on ${architecture}${archSource}`
  const glibc = result.versions['GLIBC']
  return [
    `${printable(path)}: ${zip}${formatBytes(sizes.unzipped)} unzipped, ${count(sizes.files, 'file')}`,
    `judged for ${target}${glibc === undefined ? '' : `; its files need ${glibc}`}`,
    ...(result.imports ?? []).flatMap(describeImports),
  ]
}

function describeImports({ runtime, image, modules, note }: ImportRun): string[] {
  const countOf = (wanted: ModuleOutcome) => modules.filter(({ outcome }) => outcome === wanted).length
  const others = [
    [countOf('failed'), 'failed'],
    [countOf('skipped'), 'skipped'],
    [countOf('not-tried'), 'not tried'],
  ] as const
  const rest = others.flatMap(([number, word]) => (number > 0 ? `, ${number} ${word}` : ''))
  return [
    `imported ${count(countOf('imported'), 'module')} in ${runtime}'s image ${image.reference}${rest.join('')}`,
    ...(note === undefined ? [] : [`  ${note}`]),
  ].map(printable)
}

function describeGroup(group: readonly Finding[]): string[] {
  const [first] = group
  if (first === undefined) return []
  const { id, severity } = first
  const word = styleText(COLOURS[severity], severity, { stream: process.stdout })
  const shown = group.slice(0, SHOWN)
  const left = group.length - shown.length
  const remedies = new Set(shown.map(({ remedy }) => remedy).filter(Boolean))
  return [
    `${word} ${id}: ${FINDING_KINDS[id].title}`,
    ...shown.flatMap(describeFinding),
    ...(left === 0 ? [] : [`  … and ${count(left, 'more file')} (--json has all)`]),
    ...[...remedies].map((remedy) => `  → ${printable(remedy)}`),
  ]
}

function describeFinding({ file, reason, production }: Finding): string[] {
  const lines = file === '' ? [`  ${reason}`] : [`  ${file}`, `    ${reason}`]
  if (production !== undefined) lines.push(`    production says: ${production}`)
  return lines.map(printable)
}

function verdict({ ok, counts }: VerifyLayerResult): string {
  const others = [
    ...(counts.warning > 0 ? [count(counts.warning, 'warning')] : []),
    ...(counts.info > 0 ? [count(counts.info, 'remark')] : []),
  ]
  const rest = others.length > 0 ? ` (${others.join(', ')})` : ''
  return ok
    ? `The layer is sound${rest}.`
    : `The layer would fail: ${[count(counts.error, 'error'), ...others].join(', ')}.`
}

/** What takes how much room: by package, then file by file, the largest first. */
export function describeSizes({
  components,
  files,
}: Pick<VerifyLayerResult, 'components' | 'files'>): string {
  const packages = components.map((one): [string, number, number | undefined] => [
    `${one.name}${one.version === undefined ? '' : ` ${one.version}`} (${count(one.files, 'file')})`,
    one.size,
    one.compressedSize,
  ])
  const single = files.map((one): [string, number, number | undefined] => [
    one.path,
    one.size,
    one.compressedSize,
  ])
  return [...sizeTable('BY PACKAGE', packages), '', ...sizeTable('BY FILE', single)].join('\n')
}

/** Characters of a column of sizes. */
const COLUMN = 10

function sizeTable(
  heading_: string,
  rows: readonly [name: string, size: number, zipped: number | undefined][],
): string[] {
  const isZip = rows.some(([, , zipped]) => zipped !== undefined)
  const line = (size: string, zipped: string, name: string) =>
    `${size.padStart(COLUMN)}${isZip ? zipped.padStart(COLUMN) : ''}  ${name}`
  return [
    line('UNZIPPED', 'ZIPPED', heading_),
    ...rows.map(([name, size, zipped]) => line(formatBytes(size), formatBytes(zipped ?? 0), printable(name))),
  ]
}
