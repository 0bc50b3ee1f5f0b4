import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FileSource } from '../../../../src/lib/layer/byte-source.ts'
import { readElf } from '../../../../src/lib/layer/elf/read-elf.ts'
import { ZipArchive } from '../../../../src/lib/layer/zip/read-zip.ts'
import { requireTools } from '../../../conformance/harness/tools.ts'
import { makeElf } from '../../../support/layer/make-elf.ts'
import { missingReadelf, readelf } from '../../../support/layer/readelf.ts'
import { scriptFolder } from '../../../support/script-folder.ts'
import { requireWheels, type WheelKey } from '../../../support/layer/wheels.ts'

// readelf and we say the same of every ELF file of real wheels.

/** Wheels, and how many ELF files they have: none may be overlooked. */
const ELF_FILES: readonly (readonly [WheelKey, number])[] = [
  ['psycopg2-binary-2.9.13-cp313-x86_64', 16],
  ['psycopg2-binary-2.9.13-cp313-arm64', 17],
  ['pillow-13.0.0-cp313-x86_64', 26],
  ['pillow-13.0.0-cp313-arm64', 26],
  ['numpy-2.5.5-cp313-x86_64', 20],
  ['numpy-2.5.5-cp313-arm64', 20],
  ['pydantic-core-2.50.4-cp313-x86_64', 1],
  ['pydantic-core-2.50.4-cp313-arm64', 1],
  ['cryptography-50.0.2-abi3-x86_64', 1],
  ['cryptography-50.0.2-abi3-arm64', 1],
  ['pyarrow-26.0.1-cp313-x86_64', 38],
  ['pyarrow-26.0.1-cp313-arm64', 38],
  ['pandas-3.1.1-cp313-x86_64', 45],
  ['pandas-3.1.1-cp313-arm64', 45],
  // Programs, with an interpreter.
  ['uv-0.13.9-x86_64', 2],
  // RUNPATH and versions of libraries of their own.
  ['shiboken6-6.11.2-abi3-x86_64', 2],
]

test.for(ELF_FILES)('%s', async ([key, count], { skip }) => {
  requireTools(missingReadelf(), skip)
  const [wheel = ''] = await requireWheels([key], skip)
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-elf-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const archive = ZipArchive.open(wheel)
  const paths: string[] = []
  const ours: unknown[] = []
  for (const entry of archive.entries) {
    const content = archive.content(entry)
    const fromMemory = readElf(content, entry.name)
    if (fromMemory === undefined) continue
    const path = join(folder, String(paths.push(entry.name)))
    writeFileSync(path, content)
    const file = new FileSource(path)
    const fromFile = readElf(file, entry.name)
    file.close()
    expect(fromFile).toEqual(fromMemory)
    ours.push(fromFile)
  }
  archive.close()
  const files = paths.map((_, index) => join(folder, String(index + 1)))
  // One more, so that there are two.
  const theirs = readelf([...files, files[0] as string]).slice(0, -1)
  expect(ours).toEqual(theirs)
  expect(paths).toHaveLength(count)
})

test.for([
  { bits: 64, littleEndian: true },
  { bits: 64, littleEndian: false },
  { bits: 32, littleEndian: true },
  { bits: 32, littleEndian: false },
] as const)('a file that is made for a test: $bits bits, little endian $littleEndian', (layout, { skip }) => {
  requireTools(missingReadelf(), skip)
  const bytes = makeElf({
    ...layout,
    needed: ['libc.so.6', 'libm.so.6'],
    soname: 'libthis.so',
    rpath: '$ORIGIN',
    runpath: '$ORIGIN/..',
    interpreter: '/lib/ld.so',
    misaligned: true,
  })
  const path = join(scriptFolder({ file: bytes }), 'file')
  const [theirs] = readelf([path, path])
  expect(readElf(bytes)).toEqual(theirs)
})
