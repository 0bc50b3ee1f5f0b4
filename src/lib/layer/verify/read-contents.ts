import { CruddurError } from '../../errors.ts'
import type { ByteSource } from '../byte-source.ts'
import { readElf } from '../elf/read-elf.ts'
import { LIMITS } from '../limits.ts'
import type { LayerContents, LayerElf, OddBinary } from './layer-context.ts'
import { installedPackages, isMetadataFile } from './packages.ts'
import type { LayerFile, LayerTree } from './tree/layer-tree.ts'

/** Layers so many times as large as Lambda allows are only measured: no change to a file makes them fit. */
const READ_UP_TO = 2 * LIMITS.unzipped

/** Bytes of the largest file of metadata that is read; numpy's RECORD has 0.1 MB. */
const LARGEST_METADATA = 16_777_216

/** What files of other systems begin with, as big-endian numbers: Mach-O in both orders and widths, and for several processors. */
const MACH_O = new Set([0xfeed_face, 0xfeed_facf, 0xcefa_edfe, 0xcffa_edfe, 0xcafe_babe])
const ELF = 0x7f45_4c46

/** Names of libraries and extension modules. */
const LIBRARY = /\.so(?:\.\d+)*$/

/**
 * Reads what a layer's files say about themselves.
 * @throws {CruddurError} of the tree: `ZIP_INVALID`, `ZIP_UNSUPPORTED`, `FILE_NOT_READABLE`, `INTERRUPTED`
 */
export async function readContents(tree: LayerTree, signal?: AbortSignal): Promise<LayerContents> {
  const elf: LayerElf[] = []
  const odd: OddBinary[] = []
  const texts = new Map<string, string>()
  const paths = tree.files.map(({ path }) => path)
  const unzipped = tree.files.reduce((sum, { size }) => sum + size, 0)
  const wasRead = unzipped <= READ_UP_TO && tree.files.every(({ size }) => size <= LIMITS.unzipped)
  const look = (file: LayerFile, content: ByteSource): void => {
    if (isMetadataFile(file.path) && file.size <= LARGEST_METADATA)
      texts.set(file.path, content.read(0, content.size).toString('utf8'))
    else lookAt(file, content, elf, odd)
  }
  if (wasRead) await tree.visit(look, signal)
  elf.sort(byPath)
  odd.sort(byPath)
  return { elf, odd, packages: installedPackages(paths, texts), wasRead }
}

function byPath(a: { file: LayerFile }, b: { file: LayerFile }): number {
  return a.file.path < b.file.path ? -1 : 1
}

function lookAt(file: LayerFile, content: ByteSource, elf: LayerElf[], odd: OddBinary[]): void {
  const first = content.read(0, 4)
  const magic = first.length === 4 ? first.readUInt32BE(0) : 0
  if (magic === ELF) {
    try {
      const read = readElf(content, file.path)
      if (read) elf.push({ file, elf: read })
    } catch (error) {
      if (!(error instanceof CruddurError) || error.code !== 'ELF_INVALID') throw error
      odd.push({ file, format: 'damaged', reason: error.message })
    }
  } else if (LIBRARY.test(file.path) || /\.(?:pyd|dylib|dll|exe)$/i.test(file.path)) {
    // `MZ` begins programs of Windows.
    const format = MACH_O.has(magic) ? 'Mach-O' : magic >>> 16 === 0x4d5a ? 'PE' : 'unknown'
    odd.push({ file, format })
  }
}
