import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findingsOf, withLayers } from '../../../../support/layer/verify.ts'

/** Findings about sizes of a folder with a file that has so many bytes, all of them holes. */
async function withBytes(bytes: number) {
  return withLayers(async (place) => {
    const root = place.folder({ 'python/data.bin': '' })
    truncateSync(join(root, 'python/data.bin'), bytes)
    return (await findingsOf(root)).filter(({ id }) => id !== 'asset-not-zip')
  })
}

test('the sum must be smaller than the limit, not equal: one of the three famous errors', async () => {
  const [finding] = await withBytes(262_144_000)
  expect(finding).toMatchObject({
    id: 'unzipped-size',
    severity: 'error',
    production: 'Unzipped size must be smaller than 262144000 bytes',
  })
  expect(finding?.reason).toContain('data.bin 262,144,000')
  expect((await withBytes(262_143_999)).map(({ id }) => id)).toEqual(['unzipped-size-near'])
})

test('some room should be left for functions', async () => {
  expect((await withBytes(209_715_200)).map(({ id, severity }) => [id, severity])).toEqual([
    ['unzipped-size-near', 'warning'],
  ])
  expect(await withBytes(209_715_199)).toEqual([])
})

test('what is far too large is measured and not read', async () => {
  expect((await withBytes(600_000_000)).map(({ id }) => id)).toEqual(['unzipped-size', 'contents-not-read'])
})

test('a zip that does not go with the request itself', async () => {
  await withLayers(async (place) => {
    const zip = place.zip({ 'python/a.py': '' }, {}, [
      { name: 'python/data.bin', content: Buffer.alloc(52_428_800), stored: true, mode: 0o100_644 },
    ])
    const [finding] = await findingsOf(zip)
    expect(finding).toMatchObject({ id: 'direct-upload-size', severity: 'info' })
    expect(finding?.production).toContain('70167211')
    // Room for the records of the two entries.
    const fitting = place.zip({}, {}, [
      { name: 'python/data.bin', content: Buffer.alloc(52_428_800 - 500), stored: true, mode: 0o100_644 },
    ])
    expect(await findingsOf(fitting)).toEqual([])
  })
})

test('what may be left out, when it is worth it', async () => {
  await withLayers(async (place) => {
    const files = {
      'python/pkg/__init__.py': '',
      'python/pkg/tests/data.bin': Buffer.alloc(900_000),
      'python/pkg/__pycache__/x.pyc': Buffer.alloc(200_000),
    }
    const [finding] = await findingsOf(place.zip(files))
    expect(finding).toMatchObject({
      id: 'prunable-files',
      severity: 'info',
      details: { size: 1_100_000, files: 2 },
    })
    expect(await findingsOf(place.zip({ ...files, 'python/pkg/tests/data.bin': '' }))).toEqual([])
  })
})
