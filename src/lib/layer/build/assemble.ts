import { posix } from 'node:path'
import { CruddurError } from '../../errors.ts'
import type { PythonVersion } from '../runtimes.ts'
import type { Wheel } from '../wheel/open-wheel.ts'
import { type LayerLayout, packagesFolder, placeWheel } from '../wheel/place-wheel.ts'
import { formatRecord, parseRecord, type RecordRow } from '../wheel/record.ts'
import type { ZipFile } from '../zip/write-zip.ts'
import type { Pruning } from './prune.ts'

/** The files of one package in a layer. */
export interface PackageFiles {
  wheel: Wheel
  files: ZipFile[]
  /** Files that are left out. */
  pruned: ZipFile[]
}

export interface AssembleOptions {
  layout: LayerLayout
  python: PythonVersion
  /** What is left out; `undefined` for nothing. */
  pruning: Pruning | undefined
}

/** Folders that packages leave beside themselves by mistake. Two packages may well have one, and nobody imports them. */
const STRAY = /^(?:tests?|docs?|examples?|benchmarks?|scripts?)\//

/**
 * Puts the files of wheels where they go in a layer, and leaves out what no function needs.
 * @returns one for each wheel, in their order
 * @throws {CruddurError} `PACKAGES_CLASH` when two packages bring different files of one name; what `placeWheel` throws
 */
export function assemble(
  wheels: readonly Wheel[],
  { layout, python, pruning }: AssembleOptions,
): PackageFiles[] {
  const folder = packagesFolder(layout, python)
  const owners = new Map<string, { wheel: Wheel; file: ZipFile }>()
  return wheels.map((wheel) => {
    const files: ZipFile[] = []
    const pruned: ZipFile[] = []
    for (const file of placeWheel(wheel, layout, python)) {
      const path = posix.relative(folder, file.name)
      const other = owners.get(file.name)
      if (pruning?.reasonFor(path) !== undefined || (other && isSpare(path, file, other, wheel)))
        pruned.push(file)
      else {
        owners.set(file.name, { wheel, file })
        files.push(file)
      }
    }
    return { wheel, files, pruned }
  })
}

/** Whether a file is there already, or as good as; @throws {CruddurError} when it is not */
function isSpare(path: string, file: ZipFile, other: { wheel: Wheel; file: ZipFile }, wheel: Wheel): boolean {
  if (STRAY.test(path) || isSame(file, other.file)) return true
  const [one, two] = [other.wheel, wheel].map(({ name }) => `${name.name} ${name.version}`)
  throw new CruddurError(`${one} and ${two} both bring the file "${path}", and not the same one.`, {
    code: 'PACKAGES_CLASH',
    hint: 'Only one of them can work: leave the other out.',
    details: { packages: [other.wheel.name.name, wheel.name.name], file: file.name },
  })
}

function isSame(one: ZipFile, other: ZipFile): boolean {
  if ('entry' in one && 'entry' in other)
    return one.entry.crc32 === other.entry.crc32 && one.entry.size === other.entry.size
  return 'content' in one && 'content' in other && Buffer.compare(one.content, other.content) === 0
}

/**
 * A package with a RECORD that lists what is there, and as it is there: Python before 3.12 takes it at its word
 * (`importlib.metadata.files`), and so does whoever checks the layer. It is left as it is when nothing changed.
 * @param changed what it is to say of files that were changed, by their name in the layer
 */
export function withRecord(
  one: PackageFiles,
  changed: ReadonlyMap<string, Pick<RecordRow, 'hash' | 'size'>>,
  { layout, python }: Pick<AssembleOptions, 'layout' | 'python'>,
): PackageFiles {
  const { wheel, files, pruned } = one
  const folder = packagesFolder(layout, python)
  const gone = new Set(pruned.map(({ name }) => name))
  if (gone.size === 0 && !files.some(({ name }) => changed.has(name))) return one
  const record = `${folder}/${wheel.distInfo}/RECORD`
  const listed = files.map((file): ZipFile => {
    if (file.name !== record) return file
    // Where files were moved, it says so already.
    const rows = 'content' in file ? parseRecord(Buffer.from(file.content).toString('utf8')) : wheel.record
    const present = rows.flatMap((row) => {
      const name = posix.join(folder, row.path)
      return gone.has(name) ? [] : [{ ...row, ...changed.get(name) }]
    })
    return { name: record, permissions: file.permissions, content: Buffer.from(formatRecord(present)) }
  })
  return { wheel, files: listed, pruned }
}
