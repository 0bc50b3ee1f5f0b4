import { expect, test } from 'vitest'
import { findingsOf, withLayers } from '../../../../support/layer/verify.ts'

const FILES = { 'python/': '', 'python/a.py': '', 'python/b/': '', 'python/b/__init__.py': '' }

/** Findings of a zip with modes, as `id file`. */
async function idsWith(modes: Readonly<Record<string, number | null>>, files = FILES): Promise<string[]> {
  return withLayers(async (place) => {
    const findings = await findingsOf(place.zip(files, modes))
    return findings.map(({ id, file }) => `${id} ${file}`)
  })
}

test('644 and 755 are as they should be', async () => {
  expect(await idsWith({})).toEqual([])
  expect(await idsWith({ 'python/a.py': 0o100_755, 'python/b/': 0o040_555 })).toEqual([])
})

test('a file that only its owner may read', async () => {
  await withLayers(async (place) => {
    const [finding] = await findingsOf(place.zip(FILES, { 'python/a.py': 0o100_600 }))
    expect(finding).toMatchObject({
      id: 'file-not-readable',
      severity: 'error',
      file: 'python/a.py',
      reason: "its mode is 0600: Lambda's user may not read it.",
      production: "PermissionError: [Errno 13] Permission denied: '/opt/python/a.py'",
    })
  })
})

test('a folder that nobody may enter', async () => {
  await withLayers(async (place) => {
    const [finding] = await findingsOf(place.zip(FILES, { 'python/b/': 0o040_644 }))
    expect(finding).toMatchObject({
      id: 'folder-not-searchable',
      severity: 'error',
      file: 'python/b',
      production: 'Layer conversion failed: Some directories do not have execute permissions',
    })
  })
})

test('a program in bin/ wants to be run', async () => {
  const files = { ...FILES, 'bin/tool': '#!/bin/sh\n', 'bin/data/x': '' }
  expect(await idsWith({}, files)).toEqual(['program-not-executable bin/tool'])
  expect(await idsWith({ 'bin/tool': 0o100_755 }, files)).toEqual([])
})

test('modes without a type, and none at all, are told of once', async () => {
  expect(await idsWith({ 'python/a.py': 0o644, 'python/b/__init__.py': 0o644 })).toEqual([
    'mode-without-type python/a.py',
  ])
  expect(await idsWith({ 'python/a.py': null, 'python/b/__init__.py': null })).toEqual([
    'mode-missing python/a.py',
  ])
})

test.skipIf(process.platform === 'win32')(
  'modes of a folder on disk count as well, but for its own',
  async () => {
    await withLayers(async (place) => {
      const root = place.folder(FILES, { 'python/a.py': 0o600, 'python/b': 0o700, '.': 0o700 })
      const ids = (await findingsOf(root)).map(({ id, file }) => `${id} ${file}`.trim())
      expect(ids).toEqual([
        'file-not-readable python/a.py',
        'folder-not-searchable python/b',
        'asset-not-zip',
      ])
    })
  },
)
