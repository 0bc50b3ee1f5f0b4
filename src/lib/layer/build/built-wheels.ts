import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CruddurError } from '../../errors.ts'
import { ARCHITECTURES, type Architecture } from '../architectures.ts'
import type { ElfFile } from '../elf/elf-file.ts'
import { readElf } from '../elf/read-elf.ts'
import type { Runtime } from '../runtimes.ts'
import { openWheel } from '../wheel/open-wheel.ts'
import { supportedTags, TagRanking } from '../wheel/tags.ts'
import type { ZipArchive } from '../zip/read-zip.ts'
import type { ZipEntry } from '../zip/zip-entry.ts'

/** A compiled file in a wheel. */
export interface CompiledFile {
  /** `FILE.whl/PATH`, for messages. */
  name: string
  /** The last part of its path. */
  file: string
  elf: ElfFile
}

/** A wheel that was made. */
export interface BuiltWheel {
  file: string
  path: string
  compiled: CompiledFile[]
}

/** What every ELF file begins with. */
const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46])

/**
 * Reads the wheels in a folder, and checks that they are what was asked for: builds for the wrong architecture go through
 * without a word in more than one way.
 * @throws {CruddurError} `BUILD_WRONG_ARCHITECTURE`, `BUILD_WRONG_WHEEL`, `BUILD_FAILED` when there is none; `WHEEL_INVALID`, `ZIP_…`, `ELF_INVALID`
 */
export async function readBuiltWheels(
  folder: string,
  runtime: Runtime,
  architecture: Architecture,
): Promise<BuiltWheel[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.whl')).toSorted()
  if (files.length === 0)
    throw new CruddurError('pip said that it succeeded, but there is no wheel.', {
      code: 'BUILD_FAILED',
      hint: 'An engine on another machine does not share folders with this one; use one that does.',
    })
  const ranking = new TagRanking(supportedTags(runtime, architecture))
  return files.map((file) => {
    const path = join(folder, file)
    const wheel = openWheel(path)
    try {
      const compiled = compiledFiles(wheel.archive, file)
      for (const { name, elf } of compiled) requireMachine(name, elf, architecture)
      if (ranking.rankOf(wheel.name) === undefined) throw wrongWheel(file, runtime, architecture)
      return { file, path, compiled }
    } finally {
      wheel.archive.close()
    }
  })
}

function compiledFiles(archive: ZipArchive, wheel: string): CompiledFile[] {
  return archive.entries.flatMap((entry) => {
    if (entry.kind !== 'file' || !archive.beginning(entry, MAGIC.length).equals(MAGIC)) return []
    const name = `${wheel}/${entry.name}`
    const elf = readElf(archive.content(entry), name)
    return elf ? [{ name, file: lastPart(entry), elf }] : []
  })
}

function lastPart({ name }: ZipEntry): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

/**
 * Checks what a compiled file was made for.
 * @throws {CruddurError} `BUILD_WRONG_ARCHITECTURE`
 */
export function requireMachine(name: string, { machine }: ElfFile, architecture: Architecture): void {
  if (machine === architecture.elfMachine) return
  const found = ARCHITECTURES.find(({ elfMachine }) => elfMachine === machine)?.name ?? `machine ${machine}`
  throw new CruddurError(`${name} was built for ${found}, not for ${architecture.name}.`, {
    code: 'BUILD_WRONG_ARCHITECTURE',
    hint: `Check that the image is one for ${architecture.platform}, and that the build does not choose a compiler of its own.`,
    details: { file: name, found, architecture: architecture.name },
  })
}

function wrongWheel(file: string, { name }: Runtime, architecture: Architecture): CruddurError {
  return new CruddurError(`${file} does not suit ${name} on ${architecture.name}.`, {
    code: 'BUILD_WRONG_WHEEL',
    hint: 'The image has another Python or a newer glibc than the runtime; build in the image of the runtime.',
    details: { file, runtime: name, architecture: architecture.name },
  })
}
