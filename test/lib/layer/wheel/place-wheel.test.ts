import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { MemorySource } from '../../../../src/lib/layer/byte-source.ts'
import { openWheel, readWheel, type Wheel } from '../../../../src/lib/layer/wheel/open-wheel.ts'
import { type LayerLayout, placeWheel } from '../../../../src/lib/layer/wheel/place-wheel.ts'
import { matchesRecord, parseRecord } from '../../../../src/lib/layer/wheel/record.ts'
import { parseWheelName } from '../../../../src/lib/layer/wheel/wheel-name.ts'
import { ZipArchive } from '../../../../src/lib/layer/zip/read-zip.ts'
import type { ZipFile } from '../../../../src/lib/layer/zip/write-zip.ts'
import { requireTools } from '../../../conformance/harness/tools.ts'
import { caught } from '../../../support/layer/caught.ts'
import { makeWheel, type WheelOptions } from '../../../support/layer/make-wheel.ts'
import { requireWheels, WHEEL_KEYS, type WheelKey } from '../../../support/layer/wheels.ts'
import { scriptFolder } from '../../../support/script-folder.ts'

function wheelOf(options: WheelOptions): Wheel {
  const { file, bytes } = makeWheel(options)
  return readWheel(new ZipArchive(new MemorySource(bytes), file), parseWheelName(file))
}

function contentOf(file: ZipFile | undefined): Buffer {
  if (file === undefined) throw new Error('there is no such file')
  if ('packed' in file) throw new Error('wheels are placed as they are compressed')
  return 'content' in file ? Buffer.from(file.content) : file.archive.content(file.entry)
}

function place(options: WheelOptions, layout: LayerLayout = 'python'): Map<string, ZipFile> {
  return new Map(placeWheel(wheelOf(options), layout, '3.13').map((file) => [file.name, file]))
}

const WITH_DATA: WheelOptions = {
  name: 'Made',
  files: {
    'made/__init__.py': '',
    'made/ext.so': '\x7fELF',
    'Made-1.0.data/purelib/pure.py': 'pure',
    'Made-1.0.data/platlib/plat/a.so': 'plat',
    'Made-1.0.data/scripts/made': '#!python\nprint(1)\n',
    'Made-1.0.data/scripts/made-w': '#!pythonw -E\r\nprint(2)\n',
    'Made-1.0.data/scripts/program': '\x7fELF#!python\n',
    'Made-1.0.data/scripts/shell': '#!/bin/sh\n',
    'Made-1.0.data/data/share/made/x.txt': 'data',
    'Made-1.0.data/headers/made.h': 'header',
  },
  modes: { 'made/ext.so': 0o100_700, 'made/__init__.py': 0o600, 'Made-1.0.data/scripts/shell': 0o100_755 },
}

test('what is in .data goes where it belongs, and the modes are those that Lambda needs', () => {
  const files = place(WITH_DATA)
  expect(
    [...files.values()].map(({ name, permissions }) => `${name} ${permissions.toString(8)}`).toSorted(),
  ).toEqual([
    'bin/made 755',
    'bin/made-w 755',
    'bin/program 755',
    'bin/shell 755',
    'python/Made-1.0.dist-info/METADATA 644',
    'python/Made-1.0.dist-info/RECORD 644',
    'python/Made-1.0.dist-info/WHEEL 644',
    'python/include/Made/made.h 644',
    'python/made/__init__.py 644',
    'python/made/ext.so 755',
    'python/plat/a.so 644',
    'python/pure.py 644',
    'python/share/made/x.txt 644',
  ])
  const text = (name: string) => contentOf(files.get(name)).toString('latin1')
  expect(text('bin/made')).toBe('#!/var/lang/bin/python3.13\nprint(1)\n')
  expect(text('bin/made-w')).toBe('#!/var/lang/bin/python3.13 -E\nprint(2)\n')
  expect(text('bin/program')).toBe('\x7fELF#!python\n')
  expect(text('bin/shell')).toBe('#!/bin/sh\n')
})

test.for(['python', 'site-packages'] as const)('RECORD is right after that: %s', (layout) => {
  const files = place(WITH_DATA, layout)
  const folder = layout === 'python' ? 'python' : 'python/lib/python3.13/site-packages'
  const rows = parseRecord(contentOf(files.get(`${folder}/Made-1.0.dist-info/RECORD`)).toString())
  const absolute = rows.map((row) => join('/', folder, row.path).slice(1))
  expect(absolute.toSorted()).toEqual([...files.keys()].toSorted())
  for (const [index, row] of rows.entries()) {
    const content = contentOf(files.get(absolute[index] as string))
    expect(matchesRecord(content, row)).toBe(row.path.endsWith('/RECORD') ? undefined : true)
  }
})

test('data and libraries keep their distance in the layout with site-packages', () => {
  const files = place(WITH_DATA, 'site-packages')
  expect(files.has('python/lib/python3.13/site-packages/plat/a.so')).toBe(true)
  expect(files.has('python/share/made/x.txt')).toBe(true)
})

test('a wheel without .data is copied as it is, RECORD too', () => {
  const files = placeWheel(wheelOf({ files: { 'made.py': '1' } }), 'python', '3.13')
  expect(files.every((file) => 'entry' in file)).toBe(true)
})

// What pip makes of the same wheel, apart from what it adds.
test('the same files as pip install --target', ({ skip }) => {
  const { file, bytes } = makeWheel(WITH_DATA)
  const folder = scriptFolder({ [file]: bytes })
  const target = join(folder, 'target')
  const args = ['-m', 'pip', 'install', '--quiet', '--no-index', '--no-compile', '--no-deps']
  try {
    execFileSync(
      'python3',
      [...args, '--disable-pip-version-check', '--target', target, join(folder, file)],
      {
        stdio: 'pipe',
      },
    )
  } catch {
    return requireTools('there is no python3 with pip', skip)
  }
  const theirs = readdirSync(target, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(target, name)).isFile())
    .filter((name) => !/\/(?:INSTALLER|REQUESTED|direct_url\.json)$/.test(name))
    // There it is python/bin, which is on no path; and the headers' folder has the name of the running Python.
    .map((name) => (name.startsWith('bin/') ? name : `python/${name}`))
    .map((name) => name.replace(/^python\/include\/python[^/]*\//, 'python/include/'))
  const ours = place(WITH_DATA)
  expect(theirs.toSorted()).toEqual([...ours.keys()].toSorted())
  for (const name of ['made/ext.so', 'pure.py', 'share/made/x.txt', 'bin/shell']) {
    const mode = statSync(join(target, name)).mode & 0o111
    const ourName = name.startsWith('bin/') ? name : `python/${name}`
    expect((ours.get(ourName)?.permissions ?? 0) & 0o111).toBe(mode)
  }
})

test.for([
  ['no WHEEL', { distInfo: { WHEEL: undefined } }],
  ['no METADATA', { distInfo: { METADATA: undefined } }],
  ['no RECORD', { distInfo: { RECORD: undefined } }],
  ['a newer format', { distInfo: { WHEEL: 'Wheel-Version: 2.0\n' } }],
  ['another package', { distInfo: { METADATA: 'Name: other\nVersion: 1.0\n' } }],
  ['two dist-infos', { files: { 'other-1.0.dist-info/METADATA': '' } }],
  ['a link', { files: { link: '/etc/passwd' }, modes: { link: 0o120_777 } }],
] as const)('a wheel with %s is refused', ([, options]) => {
  const { code, message } = caught(() => wheelOf(options))
  expect(code).toBe('WHEEL_INVALID')
  expect(message).toContain('"made-1.0-py3-none-any.whl"')
})

test('a wheel of another name than its dist-info is refused', () => {
  const { bytes } = makeWheel()
  const archive = new ZipArchive(new MemorySource(bytes), 'x.whl')
  expect(caught(() => readWheel(archive, parseWheelName('other-1.0-py3-none-any.whl'))).code).toBe(
    'WHEEL_INVALID',
  )
})

test.for(['Made-1.0.data/other/x', 'made-1.0.data/x'])('%s belongs to nothing', (path) => {
  expect(caught(() => place({ files: { [path]: '' } })).code).toBe('WHEEL_INVALID')
})

test('a wheel that cannot be opened', () => {
  const folder = scriptFolder()
  expect(caught(() => openWheel(join(folder, 'a-1-py3-none-any.whl'))).code).toBe('FILE_NOT_READABLE')
  writeFileSync(join(folder, 'a-1-py3-none-any.whl'), 'no zip')
  expect(caught(() => openWheel(join(folder, 'a-1-py3-none-any.whl'))).code).toBe('ZIP_INVALID')
  expect(caught(() => openWheel(join(folder, 'a.zip'))).code).toBe('WHEEL_NAME_INVALID')
  expect(readFileSync(join(folder, 'a-1-py3-none-any.whl'), 'utf8')).toBe('no zip')
})

test.for<WheelKey>(WHEEL_KEYS)('%s is opened, and its RECORD names every file', async (key, { skip }) => {
  const [path = ''] = await requireWheels([key], skip)
  const wheel = openWheel(path)
  onTestFinished(() => wheel.archive.close())
  const files = placeWheel(wheel, 'python', '3.13')
  expect(key.startsWith(`${wheel.name.name}-${wheel.metadata.version}`)).toBe(true)
  const entries = wheel.archive.entries.filter(({ kind }) => kind === 'file').map(({ name }) => name)
  expect(files).toHaveLength(entries.length)
  expect(wheel.record.map((row) => row.path).toSorted()).toEqual(entries.toSorted())
})
