import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findingsIn, findingsOf, idsIn, withLayers } from '../../../../support/layer/verify.ts'

test('packages in python/ or in site-packages of the runtime are where they should be', async () => {
  expect(await idsIn({ 'python/shared/__init__.py': '', 'lib/notes.txt': '', 'bin/': '' })).toEqual([])
  expect(await idsIn({ 'python/lib/python3.13/site-packages/shared/__init__.py': '' })).toEqual([])
})

test('a layer without a file', async () => {
  expect(await idsIn({ 'python/': '' })).toEqual(['layer-empty'])
})

test('packages at the root: the message is the one that production shows', async () => {
  const [finding] = await findingsIn({ 'psycopg2/__init__.py': '' })
  expect(finding).toMatchObject({
    id: 'no-python-folder',
    severity: 'error',
    production: "Runtime.ImportModuleError: Unable to import module 'app': No module named 'psycopg2'",
  })
})

test('what uv --prefix leaves lacks python/ in front of it', async () => {
  const [finding] = await findingsIn({ 'lib/python3.13/site-packages/numpy/__init__.py': '' })
  expect(finding?.id).toBe('no-python-folder')
  expect(finding?.reason).toContain('are in lib/python3.13/ as uv')
  expect(finding?.production).toContain("No module named 'numpy'")
})

test('a virtual environment is no layer', async () => {
  const [finding] = await findingsIn({ 'venv/lib/python3.13/site-packages/numpy/__init__.py': '' })
  expect(finding?.id).toBe('no-python-folder')
  expect(finding?.reason).toContain('venv/lib/python3.13/')
})

test('the folder around it was packed along', async () => {
  const [finding] = await findingsIn({ 'layer/python/numpy/__init__.py': '' })
  expect(finding).toMatchObject({ id: 'python-folder-nested', file: 'layer/python' })
  expect(finding?.remedy).toContain('(cd layer && zip -r ../layer.zip python)')
})

test('a layer of programs and libraries alone needs no python/', async () => {
  expect(await idsIn({ 'lib/data.txt': '', 'bin/README.md': '' })).not.toContain('no-python-folder')
})

test('site-packages of another Python, once and not for each file', async () => {
  const folder = 'python/lib/python3.12/site-packages'
  const files = { [`${folder}/shared/__init__.py`]: '', [`${folder}/shared/version.py`]: '' }
  const findings = await findingsIn(files, { pythons: ['3.11'] })
  expect(findings.map(({ id, file }) => `${id} ${file}`)).toEqual([`wrong-python-folder ${folder}`])
  expect(findings[0]?.production).toContain("No module named 'shared'")
  expect(await idsIn(files, { pythons: ['3.12'] })).toEqual([])
})

test.each(['python/lib/python3.13/numpy/__init__.py', 'python/site-packages/numpy/__init__.py'])(
  'Python does not look into the folder of %s',
  async (path) => {
    const [finding] = await findingsIn({ [path]: '' })
    expect(finding?.id).toBe('folder-not-searched')
    expect(finding?.production).toContain("No module named 'numpy'")
  },
)

test('modules beside python/ are told of, texts are not', async () => {
  const files = {
    'python/a.py': '',
    'helper.py': '',
    'six/__init__.py': '',
    'README.md': '',
    'data/x.bin': '',
  }
  expect(await idsIn(files)).toEqual(['file-at-root helper.py', 'file-at-root six'])
})

test('links that stay in the layer are told of, those that leave it are errors and never read', async () => {
  await withLayers(async (place) => {
    const root = place.folder({ 'python/a.py': '' })
    writeFileSync(join(place.path, 'secret.so'), '\x7fELF')
    mkdirSync(join(root, 'lib'))
    symlinkSync('../python/a.py', join(root, 'lib/inside'))
    symlinkSync('../../secret.so', join(root, 'lib/outside.so'))
    symlinkSync('/etc/passwd', join(root, 'lib/absolute'))
    symlinkSync('loop', join(root, 'lib/loop'))
    symlinkSync('..', join(root, 'lib/parent'))
    const findings = await findingsOf(root)
    expect(
      findings.filter(({ id }) => id.startsWith('link-')).map(({ id, file }) => `${id} ${file}`),
    ).toEqual([
      'link-outside lib/absolute',
      'link-outside lib/loop',
      'link-outside lib/outside.so',
      'link-inside lib/inside',
      'link-inside lib/parent',
    ])
    expect(findings.some(({ id }) => id === 'elf-damaged')).toBe(false)
  })
})

test('links of a zip alike', async () => {
  await withLayers(async (place) => {
    const zip = place.zip({ 'python/a.py': '' }, {}, [
      { name: 'lib/libx.so', content: 'libx.so.1', mode: 0o120_777 },
      { name: 'lib/out', content: '../../../etc/passwd', mode: 0o120_777 },
    ])
    const ids = (await findingsOf(zip)).map(({ id, file }) => `${id} ${file}`)
    expect(ids).toEqual(['link-outside lib/out', 'link-inside lib/libx.so'])
  })
})

test('a pipe in a zip is no file', async () => {
  await withLayers(async (place) => {
    const zip = place.zip({ 'python/a.py': '' }, {}, [{ name: 'python/pipe', content: '', mode: 0o010_644 }])
    expect((await findingsOf(zip)).map(({ id, file }) => `${id} ${file}`)).toEqual([
      'special-file python/pipe',
    ])
  })
})
