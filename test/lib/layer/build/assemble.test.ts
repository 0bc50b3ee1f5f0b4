import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { assemble, type PackageFiles, withRecord } from '../../../../src/lib/layer/build/assemble.ts'
import { Pruning } from '../../../../src/lib/layer/build/prune.ts'
import { MemorySource } from '../../../../src/lib/layer/byte-source.ts'
import { readWheel, type Wheel } from '../../../../src/lib/layer/wheel/open-wheel.ts'
import { matchesRecord, parseRecord } from '../../../../src/lib/layer/wheel/record.ts'
import { parseWheelName } from '../../../../src/lib/layer/wheel/wheel-name.ts'
import { ZipArchive } from '../../../../src/lib/layer/zip/read-zip.ts'
import type { ZipFile } from '../../../../src/lib/layer/zip/write-zip.ts'
import { caught } from '../../../support/layer/caught.ts'
import { makeWheel, type WheelOptions } from '../../../support/layer/make-wheel.ts'

const TARGET = { layout: 'python', python: '3.13' } as const

function wheelOf(options: WheelOptions): Wheel {
  const { file, bytes } = makeWheel(options)
  return readWheel(new ZipArchive(new MemorySource(bytes), file), parseWheelName(file))
}

function put(wheels: readonly WheelOptions[], pruning?: Pruning): PackageFiles[] {
  return assemble(wheels.map(wheelOf), { ...TARGET, pruning })
}

function contentOf(file: ZipFile | undefined): Buffer {
  if (file === undefined || 'packed' in file) throw new Error('there is no such file')
  return 'content' in file ? Buffer.from(file.content) : file.archive.content(file.entry)
}

const names = (files: readonly ZipFile[]) => files.map(({ name }) => name).toSorted()

/** What RECORD of a package lists, and whether that is what the layer has. */
function recordOf({ files }: PackageFiles): string[] {
  const record = contentOf(files.find(({ name }) => name.endsWith('/RECORD'))).toString()
  return parseRecord(record).map((row) => {
    const file = files.find(({ name }) => name === posix.join('python', row.path))
    return `${row.path} ${file === undefined ? 'missing' : (matchesRecord(contentOf(file), row) ?? '-')}`
  })
}

const WITH_TESTS: WheelOptions = {
  name: 'shop',
  files: { 'shop/__init__.py': 'x', 'shop/tests/test_x.py': 'y', 'shop/x.pyi': 'z', 'shop/data/a.csv': '1' },
}

test('what is left out is not in the layer, and not in RECORD', () => {
  const [shop] = put([WITH_TESTS], new Pruning())
  expect(names(shop?.pruned ?? [])).toEqual(['python/shop/tests/test_x.py', 'python/shop/x.pyi'])
  const listed = withRecord(shop as PackageFiles, new Map(), TARGET)
  expect(recordOf(listed)).toEqual([
    'shop-1.0.dist-info/METADATA true',
    'shop-1.0.dist-info/RECORD -',
    'shop-1.0.dist-info/WHEEL true',
    'shop/__init__.py true',
    'shop/data/a.csv true',
  ])
  expect(names(listed.files)).toEqual(names(shop?.files ?? []))
})

test('without pruning the RECORD is that of the wheel, byte by byte', () => {
  const [shop] = put([WITH_TESTS])
  expect(shop?.pruned).toEqual([])
  expect(withRecord(shop as PackageFiles, new Map(), TARGET)).toBe(shop)
})

test('where files were moved, RECORD says both', () => {
  const [shop] = put(
    [{ name: 'shop', files: { 'shop/tests/t.py': 'y', 'shop-1.0.data/scripts/sell': '#!python\n' } }],
    new Pruning(),
  )
  expect(recordOf(withRecord(shop as PackageFiles, new Map(), TARGET))).toEqual([
    '../bin/sell true',
    'shop-1.0.dist-info/METADATA true',
    'shop-1.0.dist-info/RECORD -',
    'shop-1.0.dist-info/WHEEL true',
  ])
})

test('RECORD says what a changed file is now', () => {
  const [shop] = put([WITH_TESTS])
  const changed = new Map([['python/shop/__init__.py', { hash: 'sha256=abc', size: '7' }]])
  const record = contentOf(
    withRecord(shop as PackageFiles, changed, TARGET).files.find(({ name }) => name.endsWith('RECORD')),
  ).toString()
  expect(record).toContain('shop/__init__.py,sha256=abc,7\n')
})

test('a file that two packages bring alike is there once', () => {
  const found = put([
    { name: 'one', files: { 'google/__init__.py': 'same', 'google/one.py': '1' } },
    { name: 'two', files: { 'google/__init__.py': 'same', 'google/two.py': '2' } },
  ])
  const all = found.flatMap(({ files }) => names(files))
  expect(all.filter((name) => name === 'python/google/__init__.py')).toHaveLength(1)
  expect(recordOf(withRecord(found[1] as PackageFiles, new Map(), TARGET))).not.toContain(
    'google/__init__.py missing',
  )
})

test('different files of one name are an error that names both packages', () => {
  const error = caught(() =>
    put([
      { name: 'opencv_python', version: '5.0', files: { 'cv2/__init__.py': 'a' } },
      { name: 'opencv_python_headless', version: '5.1', files: { 'cv2/__init__.py': 'b' } },
    ]),
  )
  expect(error).toMatchObject({
    code: 'PACKAGES_CLASH',
    message:
      'opencv-python 5.0 and opencv-python-headless 5.1 both bring the file "cv2/__init__.py", and not the same one.',
  })
})

test('but what lies beside packages by mistake: the first one stays', () => {
  const [one, two] = put([
    { name: 'one', files: { 'tests/__init__.py': 'a' } },
    { name: 'two', files: { 'tests/__init__.py': 'b', 'two.py': '' } },
  ])
  expect(names(one?.files ?? [])).toContain('python/tests/__init__.py')
  expect(names(two?.files ?? [])).not.toContain('python/tests/__init__.py')
})
