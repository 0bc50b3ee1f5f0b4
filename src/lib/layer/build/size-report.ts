import { CruddurError } from '../../errors.ts'
import { groupedDigits } from '../../grouped-digits.ts'
import type { PackageSize } from '../layer-json.ts'
import { LIMITS } from '../limits.ts'
import type { ZipFile } from '../zip/write-zip.ts'
import type { PackageFiles } from './assemble.ts'
import { contentSize, zippedSize } from './file-size.ts'

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

/**
 * What each package takes in a layer, the largest first.
 * @param stripped bytes that were saved, by the package's place in the list
 */
export function packageSizes(
  packages: readonly PackageFiles[],
  stripped: readonly number[] = [],
): PackageSize[] {
  return packages
    .map(({ wheel, files, pruned }, index) => ({
      name: wheel.name.name,
      version: wheel.metadata.version,
      files: files.length,
      unzipped: sum(files.map(contentSize)),
      zipped: sum(files.map(zippedSize)),
      pruned: sum(pruned.map(contentSize)),
      stripped: stripped[index] ?? 0,
    }))
    .toSorted((a, b) => b.unzipped - a.unzipped || (a.name < b.name ? -1 : 1))
}

/** What libraries of the image take that were copied to the layer's `lib`; as one package, without any nothing. */
export function librarySizes(files: readonly ZipFile[]): PackageSize[] {
  if (files.length === 0) return []
  const unzipped = sum(files.map(contentSize))
  const zipped = sum(files.map(zippedSize))
  return [{ name: 'lib/', version: '', files: files.length, unzipped, zipped, pruned: 0, stripped: 0 }]
}

/** The sizes as lines for people: what takes most first. */
export function sizeTable(packages: readonly PackageSize[]): string[] {
  const total = sum(packages.map(({ unzipped }) => unzipped))
  const rows = packages.map(({ name, version, unzipped, zipped, pruned, stripped }) => [
    name,
    version,
    groupedDigits(unzipped),
    `${total === 0 ? 0 : Math.round((100 * unzipped) / total)} %`,
    groupedDigits(zipped),
    groupedDigits(pruned + stripped),
  ])
  const heading = ['PACKAGE', 'VERSION', 'UNZIPPED', 'SHARE', 'ZIPPED', 'LEFT OUT']
  const all = [heading, ...rows, ...(packages.length > 1 ? [totals(packages, total)] : [])]
  const widths = heading.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  // Numbers stand on the right.
  return all.map((row) =>
    row
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
}

function totals(packages: readonly PackageSize[], total: number): string[] {
  return [
    'all',
    '',
    groupedDigits(total),
    '100 %',
    groupedDigits(sum(packages.map(({ zipped }) => zipped))),
    groupedDigits(sum(packages.map(({ pruned, stripped }) => pruned + stripped))),
  ]
}

/**
 * Makes sure that Lambda takes a layer of that size.
 * @throws {CruddurError} `LAYER_TOO_LARGE` with the sizes by package
 */
export function requireFits(
  packages: readonly PackageSize[],
  { strip, prune }: { strip: boolean; prune: boolean },
): void {
  const unzipped = sum(packages.map((one) => one.unzipped))
  if (unzipped < LIMITS.unzipped) return
  const ways = [
    ...(prune ? [] : ['leave out what no function needs: without --no-prune']),
    ...(strip ? [] : ['strip libraries: --strip']),
    'make two layers of it; Lambda counts all layers of a function together',
    'use a container image, which may have 10 GB',
  ]
  throw new CruddurError(
    `The layer would have ${groupedDigits(unzipped)} bytes unzipped, and Lambda takes fewer than ${groupedDigits(LIMITS.unzipped)}; no zip was written.`,
    {
      code: 'LAYER_TOO_LARGE',
      context: sizeTable(packages).join('\n'),
      hint: `${capitalized(ways[0] ?? '')}, or ${ways[1]}.`,
      details: { unzipped, limit: LIMITS.unzipped, packages: [...packages] },
    },
  )
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
