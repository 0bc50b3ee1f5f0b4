import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { findArchitecture } from '../../../../src/lib/layer/architectures.ts'
import { stripFiles } from '../../../../src/lib/layer/build/strip.ts'
import { findStrip } from '../../../../src/lib/layer/build/strip-program.ts'
import { MemorySource } from '../../../../src/lib/layer/byte-source.ts'
import { loaderObjection } from '../../../../src/lib/layer/elf/alignment.ts'
import { readElf } from '../../../../src/lib/layer/elf/read-elf.ts'
import { openWheel } from '../../../../src/lib/layer/wheel/open-wheel.ts'
import { placeWheel } from '../../../../src/lib/layer/wheel/place-wheel.ts'
import { ZipArchive } from '../../../../src/lib/layer/zip/read-zip.ts'
import type { ZipFile } from '../../../../src/lib/layer/zip/write-zip.ts'
import { requireTools } from '../../../conformance/harness/tools.ts'
import { makeElf } from '../../../support/layer/make-elf.ts'
import { makeZip } from '../../../support/layer/make-zip.ts'
import { requireWheels, type WheelKey } from '../../../support/layer/wheels.ts'
import { scriptFolder } from '../../../support/script-folder.ts'

const environment = { PATH: process.env['PATH'] }

/** Libraries in a layer, each with bytes behind it that a strip of ours may take away. */
function libraries(contents: Readonly<Record<string, Buffer>>): ZipFile[] {
  const zip = makeZip(Object.entries(contents).map(([name, content]) => ({ name, content })))
  const archive = new ZipArchive(new MemorySource(zip), 'test')
  return archive.entries.map((entry) => ({ name: entry.name, permissions: 0o755, archive, entry }))
}

/** A program that stands in for strip: what it does to each file is a line of Python. */
function standIn(change: string): { path: string; version: string } {
  const path = join(scriptFolder(), 'strip')
  writeFileSync(
    path,
    `#!/usr/bin/env python3\nimport sys\nfor path in sys.argv[2:]:\n    data = open(path, 'rb').read()\n    open(path, 'wb').write(${change})\n`,
  )
  chmodSync(path, 0o755)
  return { path, version: 'stand-in' }
}

const arch = findArchitecture('x86_64')
const REST = Buffer.alloc(5000)
const padded = (options: Parameters<typeof makeElf>[0]) => Buffer.concat([makeElf(options), REST])

test('what is smaller and still loads is taken; RECORD is told', async () => {
  const files = libraries({
    'python/a.so': padded({ needed: ['libc.so.6'] }),
    'python/a.py': Buffer.from('x'.repeat(99)),
  })
  const result = await stripFiles(files, { arch, environment, program: standIn('data[:-5000]') })
  expect(result).toMatchObject({ saved: 5000, refused: [] })
  const stripped = result.files.find((file) => 'packed' in file)
  expect(stripped).toMatchObject({ name: 'python/a.so', permissions: 0o755 })
  const content = inflateRawSync((stripped as { packed: Uint8Array }).packed)
  expect(content.equals(makeElf({ needed: ['libc.so.6'] }))).toBe(true)
  expect([...result.changed]).toEqual([
    ['python/a.so', { hash: expect.stringMatching(/^sha256=/), size: String(content.length) }],
  ])
  expect(result.files.map(({ name }) => name)).toEqual(['python/a.so', 'python/a.py'])
})

test.each([
  ['moved its segments', { from: {}, to: { misaligned: true } }],
  ['lost a needed library', { from: { needed: ['libc.so.6'] }, to: {} }],
  ['lost its search path', { from: { rpath: '$ORIGIN' }, to: {} }],
])('what %s is left as it was', async (_, { from, to }) => {
  const files = libraries({ 'python/a.so': padded(from) })
  const folder = scriptFolder({ 'other.so': makeElf(to) })
  const program = standIn(`open(${JSON.stringify(join(folder, 'other.so'))}, 'rb').read()`)
  const result = await stripFiles(files, { arch, environment, program })
  expect(result).toMatchObject({ saved: 0, refused: ['python/a.so'] })
  expect(result.files).toEqual(files)
})

test.each([
  ['a file of another processor', { machine: 183 }, 'data[:-5000]'],
  ['one that did not become smaller', {}, 'data + b"x"'],
])('%s is left as it was', async (_, options, change) => {
  const files = libraries({ 'python/a.so': padded(options) })
  const result = await stripFiles(files, { arch, environment, program: standIn(change) })
  expect(result).toMatchObject({ saved: 0, refused: [], files })
})

test('the strip of a processor is only taken on that processor', async () => {
  const machine = { platform: 'linux', arch: 'x64' } as const
  const folder = scriptFolder()
  for (const name of ['strip', 'aarch64-linux-gnu-strip', 'llvm-strip']) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho ${name} 1.0\n`)
    chmodSync(join(folder, name), 0o755)
  }
  const find = (name: string, on: typeof machine | { platform: 'darwin'; arch: 'x64' } = machine) =>
    findStrip(findArchitecture(name), { environment: { PATH: folder }, machine: on })
  expect(await find('x86_64')).toEqual({ path: 'strip', version: 'strip 1.0' })
  expect(await find('arm64')).toMatchObject({ path: 'aarch64-linux-gnu-strip' })
  expect(await find('x86_64', { platform: 'darwin', arch: 'x64' })).toMatchObject({ path: 'llvm-strip' })
  expect(await findStrip(arch, { environment: { PATH: scriptFolder() }, machine })).toBeUndefined()
})

// What strip makes of files that patchelf has changed is what the check is for: which ones it refuses depends on the strip at hand,
// so it is only asked that none is taken that the loader would refuse.
test.for<WheelKey>(['numpy-2.2.6-cp311-x86_64', 'psycopg2-binary-2.9.13-cp313-arm64'])(
  '%s stays loadable',
  async (key, { skip }) => {
    const [path = ''] = await requireWheels([key], skip)
    const target = findArchitecture(key.endsWith('arm64') ? 'arm64' : 'x86_64')
    const program = await findStrip(target, { environment })
    if (!program) return requireTools(`there is no strip for ${target.name}`, skip)
    const wheel = openWheel(path)
    try {
      const placed = placeWheel(wheel, 'python', '3.13')
      const { files, saved, refused, changed } = await stripFiles(placed, {
        arch: target,
        environment,
        program,
      })
      expect(saved).toBeGreaterThan(100_000)
      expect(files.map(({ name }) => name)).toEqual(placed.map(({ name }) => name))
      const stripped = files.filter((file) => 'packed' in file)
      expect(stripped.map(({ name }) => name).toSorted()).toEqual([...changed.keys()].toSorted())
      // The two that GNU's strip spoils (Debian 12): the loader says "ELF load command address/offset not page-aligned".
      if (key.startsWith('numpy') && program.path === 'strip')
        expect(
          refused.map((name) => /lib(?:gfortran|scipy_openblas64_)/.exec(name)?.[0] ?? '').toSorted(),
        ).toEqual(['libgfortran', 'libscipy_openblas64_'])
      for (const file of stripped) {
        const elf = readElf(inflateRawSync(file.packed))
        expect(elf?.loadSegments.map(loaderObjection).filter((words) => words !== undefined)).toEqual([])
        expect(refused).not.toContain(file.name)
      }
    } finally {
      wheel.archive.close()
    }
  },
)

test('a strip that leaves nothing of use changes nothing', async () => {
  const files = libraries({ 'python/a.so': padded({}) })
  const result = await stripFiles(files, { arch, environment, program: { path: '/bin/false', version: '' } })
  expect(result).toMatchObject({ saved: 0, refused: [] })
})
