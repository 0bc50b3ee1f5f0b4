import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CruddurError } from '../../../../src/lib/errors.ts'
import { verifyLayer } from '../../../../src/lib/layer/verify/verify-layer.ts'
import { makeElf } from '../../../support/layer/make-elf.ts'
import { makeWheel } from '../../../support/layer/make-wheel.ts'
import { withLayers } from '../../../support/layer/verify.ts'
import { SeededRandom } from '../../../support/seeded-random.ts'

const ELF = makeElf({
  needed: ['libc.so.6', 'libfoo.so.1'],
  soname: '_a.so',
  rpath: '$ORIGIN/lib:$ORIGIN',
  versionNeeds: [{ library: 'libc.so.6', versions: [{ name: 'GLIBC_2.17', weak: false }] }],
  versionDefinitions: [{ name: 'A_1', base: false, parents: [] }],
})

const FILES = {
  'python/pkg/_a.cpython-313-x86_64-linux-gnu.so': ELF,
  'python/pkg/__init__.py': 'from pkg import _a\n',
  'python/pkg-1.0.dist-info/METADATA': 'Name: pkg\nVersion: 1.0\nRequires-Dist: numpy>=2\n',
  'python/pkg-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nTag: cp313-cp313-manylinux_2_17_x86_64\n',
  'python/pkg-1.0.dist-info/RECORD': 'pkg/__init__.py,,19\n"pkg/a, b.py",,\n../../bin/x,,\n',
}

/** A verdict, or an error that says what is wrong with the zip; never a bug. */
async function verdictOf(path: string): Promise<string> {
  try {
    const { ok } = await verifyLayer({ path })
    return ok ? 'sound' : 'findings'
  } catch (error) {
    if (error instanceof CruddurError) return error.code
    throw error
  }
}

test('a zip cut off anywhere is an error that says so', async () => {
  await withLayers(async (place) => {
    const bytes = readFileSync(place.zip(FILES))
    const path = join(place.path, 'cut.zip')
    for (let length = 0; length < bytes.length; length += 7) {
      writeFileSync(path, bytes.subarray(0, length))
      expect(await verdictOf(path)).toBe('ZIP_INVALID')
    }
  })
})

test('a zip with wrong bytes is judged or refused', async () => {
  await withLayers(async (place) => {
    const bytes = readFileSync(place.zip(FILES))
    const path = join(place.path, 'changed.zip')
    const random = new SeededRandom(4)
    const verdicts = new Set<string>()
    for (let round = 0; round < 400; round++) {
      const changed = Buffer.from(bytes)
      for (let count = 0; count < 1 + (round % 4); count++)
        changed[random.below(changed.length)] = random.below(256)
      writeFileSync(path, changed)
      verdicts.add(await verdictOf(path))
    }
    expect(verdicts).toContain('ZIP_INVALID')
    for (const verdict of verdicts) expect(verdict).toMatch(/^(?:sound|findings|ZIP_\w+)$/)
  })
})

test('a folder with wrong bytes in its ELF file and its metadata gets findings, never an error', async () => {
  await withLayers(async (place) => {
    const random = new SeededRandom(5)
    for (let round = 0; round < 300; round++) {
      const changed = Object.fromEntries(
        Object.entries(FILES).map(([name, content]) => {
          const bytes = Buffer.from(content)
          for (let count = 0; count < round % 5; count++)
            bytes[random.below(bytes.length)] = random.below(256)
          return [name, random.below(5) === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes]
        }),
      )
      expect(await verdictOf(place.folder(changed))).toMatch(/^(?:sound|findings)$/)
    }
  })
})

test('names that lead out of the folder, and bombs, are refused without a trace', async () => {
  await withLayers(async (place) => {
    const before = readdirSync(place.path).length
    const outside = place.zip({}, {}, [{ name: '../outside.py', content: 'x', mode: 0o100_644 }])
    const bomb = place.zip({}, {}, [
      {
        name: 'python/bomb.so',
        content: 'x',
        mode: 0o100_644,
        directory: { size: 0xffff_0000 },
        local: { size: 0xffff_0000 },
      },
    ])
    expect(await verdictOf(outside)).toBe('ZIP_INVALID')
    // It says that it has 4 GB: that is measured, and not unpacked.
    const { findings } = await verifyLayer({ path: bomb })
    expect(findings.map(({ id }) => id)).toContain('contents-not-read')
    expect(readdirSync(place.path)).toHaveLength(before + 2)
  })
})

test('a bomb that is small enough to be unpacked is found out by its size', async () => {
  await withLayers(async (place) => {
    const zip = place.zip({}, {}, [
      {
        name: 'python/bomb.py',
        content: Buffer.alloc(20_000_000),
        mode: 0o100_644,
        directory: { size: 1000 },
        local: { size: 1000 },
      },
    ])
    expect(await verdictOf(zip)).toBe('ZIP_INVALID')
  })
})

test('a wheel that nobody has unpacked is no layer', async () => {
  await withLayers(async (place) => {
    const { bytes } = makeWheel({ files: { 'made/__init__.py': '' } })
    const path = join(place.path, 'made-1.0-py3-none-any.whl')
    writeFileSync(path, bytes)
    const { ok, findings } = await verifyLayer({ path })
    expect({ ok, id: findings[0]?.id }).toEqual({ ok: false, id: 'no-python-folder' })
  })
})
