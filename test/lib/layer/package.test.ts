import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageFunction, type PackageOptions } from '../../../src/lib/layer/package.ts'
import { ZipArchive } from '../../../src/lib/layer/zip/read-zip.ts'
import { testFolder } from '../../support/layer/layer-files.ts'
import { makeZip } from '../../support/layer/make-zip.ts'
import { failureOf } from '../../support/load.ts'

/** A folder with a function. */
function functionFolder(files: Record<string, string>): string {
  const folder = join(testFolder(), 'shop')
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

const pack = async (folder: string, more: Partial<PackageOptions> = {}) =>
  packageFunction({ folder, out: join(testFolder(), 'shop.zip'), ...more })

function namesIn(path: string): string[] {
  const archive = ZipArchive.open(path)
  archive.close()
  return archive.entries.map(({ name }) => name)
}

/** The zip of a layer that has so many bytes unpacked. */
function zipOf(size: number): string {
  const path = join(testFolder(), 'layer.zip')
  writeFileSync(path, makeZip([{ name: 'python/a', content: Buffer.alloc(size), mode: 0o100_644 }]))
  return path
}

const APP = { 'app.py': 'def handler(event, context):\n    return 3\n' }

test('the code is packed, and what is no part of it is not', async () => {
  const folder = functionFolder({
    ...APP,
    'shop/__init__.py': '',
    'shop/__pycache__/x.cpython-313.pyc': '',
    'shop/prices.json': '{}',
    'shop/.git/HEAD': '',
    '.env': 'SECRET=1',
    '.env.prod': 'SECRET=1',
    '.venv/bin/python': '',
    'tests/test_app.py': '',
    'environment.py': '',
  })
  const { path, entries, ...result } = await pack(folder)
  expect(namesIn(path)).toEqual([
    'app.py',
    'environment.py',
    'shop/__init__.py',
    'shop/prices.json',
    'tests/test_app.py',
  ])
  expect(entries).toBe(5)
  expect(result).toMatchObject({ unzippedSize: 44, total: 44, needsS3: false, warnings: [], dryRun: false })
  const own = await pack(folder, { excludes: ['tests', 'shop/*.json', 'env*'] })
  expect(namesIn(own.path)).toEqual(['app.py', 'shop/__init__.py'])
})

test('the same files make the same bytes, whenever and wherever, and Python reads them', async () => {
  const first = functionFolder({ ...APP, 'b.py': 'b', 'a.py': 'a' })
  const second = functionFolder({ 'a.py': 'a', 'b.py': 'b', ...APP })
  utimesSync(join(second, 'a.py'), 0, 0)
  chmodSync(join(second, 'a.py'), 0o600)
  chmodSync(join(first, 'a.py'), 0o666)
  const [one, two] = [await pack(first), await pack(second)]
  expect(one.codeSha256).toBe(two.codeSha256)
  expect(readFileSync(one.path).equals(readFileSync(two.path))).toBe(true)
  const script = `import sys, zipimport; print(zipimport.zipimporter(sys.argv[1]).load_module('app').handler(1, 2))`
  expect(execFileSync('python3', ['-W', 'ignore', '-c', script, one.path]).toString()).toBe('3\n')
})

test('rights are those that Lambda needs', async () => {
  const folder = functionFolder({ ...APP, run: '#!/bin/sh\n' })
  chmodSync(join(folder, 'app.py'), 0o600)
  chmodSync(join(folder, 'run'), 0o700)
  const archive = ZipArchive.open((await pack(folder)).path)
  archive.close()
  expect(archive.entries.map(({ name, mode }) => [name, mode])).toEqual([
    ['app.py', 0o100_644],
    ['run', 0o100_755],
  ])
})

test('a zip in the folder itself is not packed into the next one', async () => {
  const folder = functionFolder(APP)
  const out = join(folder, 'function.zip')
  const first = await pack(folder, { out })
  const second = await pack(folder, { out })
  expect(namesIn(out)).toEqual(['app.py'])
  expect(second.codeSha256).toBe(first.codeSha256)
})

test('a dry run writes nothing', async () => {
  const out = join(testFolder(), 'shop.zip')
  expect(await pack(functionFolder(APP), { out, dryRun: true })).toMatchObject({
    entries: 1,
    size: undefined,
  })
  expect(() => readFileSync(out)).toThrow('ENOENT')
})

describe('links', () => {
  test('what they lead to within the folder is put in their place', async () => {
    const folder = functionFolder({ ...APP, 'lib/shared.py': 'x = 1' })
    symlinkSync('lib', join(folder, 'copy'))
    symlinkSync('app.py', join(folder, 'main.py'))
    const { path } = await pack(folder)
    expect(namesIn(path)).toEqual(['app.py', 'copy/shared.py', 'lib/shared.py', 'main.py'])
    const archive = ZipArchive.open(path)
    expect(archive.entries.every(({ kind }) => kind === 'file')).toBe(true)
    archive.close()
  })

  test.each([
    ['/etc/passwd', 'LINK_LEADS_OUT', 'refused'],
    ['../../', 'LINK_LEADS_OUT', 'refused'],
    ['nowhere', 'FILE_NOT_PACKABLE', 'failed'],
    ['.', 'FILE_NOT_PACKABLE', 'failed'],
  ])('one to %s: %s', async (target, code, kind) => {
    const folder = functionFolder(APP)
    symlinkSync(target, join(folder, 'link'))
    expect(await failureOf(pack(folder))).toMatchObject({ code, kind, details: { file: 'link' } })
    expect(await pack(folder, { excludes: ['link'] })).toMatchObject({ entries: 1 })
  })
})

describe('sizes', () => {
  test('function and layers together stay below what Lambda unpacks, to the byte', async () => {
    const folder = functionFolder({ 'app.py': 'x'.repeat(1000) })
    const layer = zipOf(262_142_999)
    expect(await pack(folder, { layers: [layer] })).toMatchObject({ total: 262_143_999 })
    writeFileSync(join(folder, 'one.txt'), '1')
    const error = await failureOf(pack(folder, { layers: [layer] }))
    expect(error).toMatchObject({ code: 'FUNCTION_TOO_LARGE', details: { size: 262_144_000 } })
    expect(error.context).toContain('262,142,999')
  })

  test('a folder that can never fit is not read', async () => {
    const folder = functionFolder({ ...APP, 'video.mp4': '' })
    truncateSync(join(folder, 'video.mp4'), 8_000_000_000)
    expect(await failureOf(pack(folder))).toMatchObject({
      code: 'FUNCTION_TOO_LARGE',
      details: { file: 'video.mp4' },
    })
  })

  test('six layers are too many', async () => {
    const layers = Array.from({ length: 6 }, () => 'layer.zip')
    expect(await failureOf(pack(functionFolder(APP), { layers }))).toMatchObject({ code: 'TOO_MANY_LAYERS' })
  })
})

test('compiled code is warned of', async () => {
  const { warnings } = await pack(functionFolder({ ...APP, 'psycopg2/_psycopg.so': '' }))
  expect(warnings).toMatchObject([expect.stringContaining('psycopg2/_psycopg.so')])
})

/** One with handlers of every kind. */
const handlers = () =>
  functionFolder({
    ...APP,
    'pkg/__init__.py': 'from .inner import (\n    first,\n    handle as handler,\n)\n',
    'pkg/deep/app.py': 'async def go(): pass\nlambda_handler: object = go\n',
    'all.py': 'from app import *\n',
    'maybe.py': 'try:\n    import x\nexcept ImportError:\n    def handler(e, c): pass\n',
    'class.py': 'class Shop:\n    def handler(self): pass\n',
    'text.py': '"""the handler"""\nhandler == 3\n',
  })

describe('the handler', () => {
  test.each([
    'app.handler',
    'pkg.handler',
    'pkg.deep.app.lambda_handler',
    'pkg/deep/app.lambda_handler',
    'all.anything',
    'maybe.handler',
  ])('%s is there', async (handler) => {
    expect(await pack(handlers(), { handler, dryRun: true })).toMatchObject({ entries: 7 })
  })

  test.each([
    ['ap.handler', 'HANDLER_NOT_FOUND', 'Did you mean app.handler?'],
    ['app.handlr', 'HANDLER_NOT_FOUND', 'Did you mean app.handler?'],
    ['class.handler', 'HANDLER_NOT_FOUND', undefined],
    ['text.handler', 'HANDLER_NOT_FOUND', undefined],
    ['handler', 'HANDLER_INVALID', undefined],
    ['../app.handler', 'HANDLER_INVALID', undefined],
    ['app.', 'HANDLER_INVALID', undefined],
  ])('%s: %s', async (handler, code, hint) => {
    const error = await failureOf(pack(handlers(), { handler }))
    expect(error).toMatchObject({ code, kind: 'usage', ...(hint === undefined ? {} : { hint }) })
  })
})

test.each([
  ['a folder that is not there', () => '/nowhere', 'FOLDER_NOT_READABLE'],
  ['a file', () => join(functionFolder(APP), 'app.py'), 'FOLDER_NOT_READABLE'],
  ['nothing but what is left out', () => functionFolder({ '.env': '' }), 'FUNCTION_EMPTY'],
])('%s', async (_, make, code) => {
  expect(await failureOf(pack(make()))).toMatchObject({ code, kind: 'usage' })
})
