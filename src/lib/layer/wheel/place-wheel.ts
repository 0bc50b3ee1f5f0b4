import type { PythonVersion } from '../runtimes.ts'
import type { ZipFile } from '../zip/write-zip.ts'
import type { ZipEntry } from '../zip/zip-entry.ts'
import { invalidWheel, type Wheel } from './open-wheel.ts'
import { formatRecord, recordHash } from './record.ts'

/** Where the packages of a layer are: `python/`, which every Python reads, or `python/lib/python3.X/site-packages/`. */
export type LayerLayout = 'python' | 'site-packages'

/** The folder of a layer that packages are in. */
export function packagesFolder(layout: LayerLayout, python: PythonVersion): string {
  return layout === 'python' ? 'python' : `python/lib/python${python}/site-packages`
}

/** Where Lambda's image has Python (Dockerfile of the base image: PATH). */
const PYTHON_PROGRAM = '/var/lang/bin/python'

/** What lies in the `.data` folder; pip does not look at the name in front of that either. */
const IN_DATA = /^[^/]*\.data\/(.*)$/s

/** Rights of files in a layer: Lambda runs functions as a user of its own, which must be able to read them. */
const READABLE = 0o644
const EXECUTABLE = 0o755

/**
 * Where the files of a wheel go in a layer, as ready to be written. Most are copied as they are compressed in the wheel. What lies in the
 * `.data` folder goes where it belongs:
 * - `purelib` and `platlib` to the packages;
 * - `scripts` to `bin/`, which is on the PATH as /opt/bin;
 * - `data` to `python/`, and `headers` to `python/include/NAME`, the same as with `pip install --target python` and with
 *   `--prefix python`, so that paths relative to the package (`$ORIGIN/../../..`) still lead there.
 *
 * RECORD says where they are then. It is left alone when nothing moved.
 * @throws {CruddurError} `WHEEL_INVALID` for a `.data` folder of an unknown kind; `ZIP_INVALID`, `ZIP_UNSUPPORTED`
 */
export function placeWheel(wheel: Wheel, layout: LayerLayout, python: PythonVersion): ZipFile[] {
  const packages = packagesFolder(layout, python)
  const moved = new Map<string, ZipFile>()
  const files: ZipFile[] = []
  for (const entry of wheel.archive.entries) {
    if (entry.kind === 'folder') continue
    const inData = IN_DATA.exec(entry.name)?.[1]
    const file: ZipFile =
      inData === undefined
        ? copied(wheel, entry, `${packages}/${entry.name}`)
        : placeData(wheel, entry, inData, packages, python)
    if (inData !== undefined) moved.set(entry.name, file)
    files.push(file)
  }
  return moved.size === 0 ? files : withRecord(wheel, files, moved, packages)
}

function copied(wheel: Wheel, entry: ZipEntry, name: string): ZipFile {
  const isExecutable = ((entry.permissions ?? 0) & 0o111) !== 0
  const permissions = isExecutable ? EXECUTABLE : READABLE
  return { name, permissions, archive: wheel.archive, entry }
}

/** @param path below the `.data` folder */
function placeData(
  wheel: Wheel,
  entry: ZipEntry,
  path: string,
  packages: string,
  python: PythonVersion,
): ZipFile {
  const kind = path.slice(0, Math.max(0, path.indexOf('/')))
  const rest = path.slice(kind.length + 1)
  switch (kind) {
    case 'purelib':
    case 'platlib':
      return copied(wheel, entry, `${packages}/${rest}`)
    case 'data':
      return copied(wheel, entry, `python/${rest}`)
    case 'headers':
      return copied(wheel, entry, `python/include/${wheel.metadata.name}/${rest}`)
    case 'scripts':
      return placeScript(wheel, entry, `bin/${rest}`, python)
    default:
      throw invalidWheel(wheel.name, `"${entry.name}" belongs to nothing that is known`)
  }
}

/** Bytes of a first line that Linux looks at (execve(2)). */
const LONGEST_FIRST_LINE = 256

/** Scripts begin with `#!python`, and installers put in which one (PyPA, "Binary distribution format", recommended archiver features). */
function placeScript(wheel: Wheel, entry: ZipEntry, name: string, python: PythonVersion): ZipFile {
  const [first = ''] = wheel.archive.beginning(entry, LONGEST_FIRST_LINE).toString('latin1').split('\n', 1)
  const [, options] = /^#!pythonw?((?: [^\r]*)?)\r?$/.exec(first) ?? []
  if (options === undefined) return { ...copied(wheel, entry, name), permissions: EXECUTABLE }
  const line = Buffer.from(`#!${PYTHON_PROGRAM}${python}${options}`, 'latin1')
  const script = Buffer.concat([line, wheel.archive.content(entry).subarray(first.length)])
  return { name, permissions: EXECUTABLE, content: script }
}

/** The files with a RECORD that says where they are now. */
function withRecord(
  wheel: Wheel,
  files: readonly ZipFile[],
  moved: ReadonlyMap<string, ZipFile>,
  packages: string,
): ZipFile[] {
  const rows = wheel.record.map((row) => {
    const file = moved.get(row.path)
    if (file === undefined) return row
    const path = relativePath(packages, file.name)
    return 'content' in file
      ? { path, hash: recordHash(file.content), size: String(file.content.length) }
      : { ...row, path }
  })
  const name = `${packages}/${wheel.distInfo}/RECORD`
  const record: ZipFile = { name, permissions: READABLE, content: Buffer.from(formatRecord(rows)) }
  return files.map((file) => (file.name === name ? record : file))
}

/** A path as RECORD has it: relative to the packages, with `..` where it is not below them. */
function relativePath(packages: string, path: string): string {
  if (path.startsWith(`${packages}/`)) return path.slice(packages.length + 1)
  const up = packages.split('/').map(() => '..')
  return [...up, path].join('/')
}
