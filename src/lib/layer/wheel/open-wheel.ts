import { basename } from 'node:path'
import { CruddurError } from '../../errors.ts'
import { ZipArchive } from '../zip/read-zip.ts'
import type { ZipEntry } from '../zip/zip-entry.ts'
import { type PackageMetadata, parseFields, parseMetadata } from './metadata.ts'
import { normalizeName } from '../python/package-name.ts'
import { parseRecord, type RecordRow } from './record.ts'
import { parseWheelName, type WheelName } from './wheel-name.ts'

/** A wheel whose zip is open. */
export interface Wheel {
  archive: ZipArchive
  name: WheelName
  /** Its folder of metadata, `psycopg2_binary-2.9.13.dist-info`. */
  distInfo: string
  metadata: PackageMetadata
  /** What the WHEEL file in it says it is for; the name of the file should say the same. */
  tags: string[]
  record: RecordRow[]
}

/** Bytes of the largest file of metadata that is read; numpy's RECORD has 0.1 MB. */
const LARGEST_METADATA = 33_554_432

/**
 * Opens a wheel and reads what it says about itself. Close its archive afterwards.
 * @param file what it is called on the index, when the path does not say so
 * @throws {UsageError} `FILE_NOT_READABLE`
 * @throws {CruddurError} `WHEEL_NAME_INVALID`, `WHEEL_INVALID`, `ZIP_INVALID`, `ZIP_UNSUPPORTED`, `ZIP_ENTRY_TOO_LARGE`
 */
export function openWheel(path: string, file = basename(path)): Wheel {
  const name = parseWheelName(file)
  const archive = ZipArchive.open(path, file)
  try {
    return readWheel(archive, name)
  } catch (error) {
    archive.close()
    throw error
  }
}

/**
 * Reads what a wheel says about itself.
 * @throws {CruddurError} `WHEEL_INVALID`, `ZIP_INVALID`, `ZIP_UNSUPPORTED`, `ZIP_ENTRY_TOO_LARGE`
 */
export function readWheel(archive: ZipArchive, name: WheelName): Wheel {
  const odd = archive.entries.find(({ kind }) => kind !== 'file' && kind !== 'folder')
  if (odd) throw invalidWheel(name, `"${odd.name}" is neither a file nor a folder`)
  const distInfo = findDistInfo(archive, name)
  const textOf = (file: string): string => {
    const entry = archive.find(`${distInfo}/${file}`)
    if (entry === undefined) throw invalidWheel(name, `it has no ${file}`)
    return archive.content(entry, LARGEST_METADATA).toString('utf8')
  }
  const wheel = parseFields(textOf('WHEEL'))
  const version = wheel.get('wheel-version')?.[0] ?? ''
  // The specification asks for a refusal when the first number is a newer one.
  if (!/^1\.\d+$/.test(version)) throw invalidWheel(name, `its format "${version}" is not 1.x`)
  const metadata = parseMetadata(textOf('METADATA'))
  if (normalizeName(metadata.name) !== name.name)
    throw invalidWheel(name, `it says that it is ${metadata.name}`)
  return {
    archive,
    name,
    distInfo,
    metadata,
    tags: wheel.get('tag') ?? [],
    record: parseRecord(textOf('RECORD')),
  }
}

/** @returns the error of a wheel that is not as the specification wants it */
export function invalidWheel({ file }: WheelName, reason: string): CruddurError {
  return new CruddurError(`"${file}" is not a sound wheel: ${reason}.`, {
    code: 'WHEEL_INVALID',
    hint: 'Download or build it again, or take another version of the package.',
    details: { file },
  })
}

function findDistInfo({ entries }: ZipArchive, wheel: WheelName): string {
  const folders = new Set(entries.map(topFolder).filter((folder) => folder.endsWith('.dist-info')))
  const [folder, another] = folders
  if (folder === undefined) throw invalidWheel(wheel, 'it has no dist-info')
  if (another !== undefined) throw invalidWheel(wheel, `it has both ${folder} and ${another}`)
  const [name = ''] = folder.split('-', 1)
  if (normalizeName(name) !== wheel.name) throw invalidWheel(wheel, `its dist-info is ${folder}`)
  return folder
}

function topFolder({ name }: ZipEntry): string {
  return name.slice(0, Math.max(0, name.indexOf('/')))
}
