import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ProgressEvent } from '../../../../src/lib/progress.ts'
import { finding } from '../../../../src/lib/layer/verify/findings.ts'
import { verifyLayer } from '../../../../src/lib/layer/verify/verify-layer.ts'
import { makeElf } from '../../../support/layer/make-elf.ts'
import { withLayers } from '../../../support/layer/verify.ts'

const ARN = 'arn:aws:lambda:eu-central-1:123456789012:layer:psycopg2-py313-arm64:7'
const FILES = { 'python/a/__init__.py': 'A = 1\n', 'python/a/_a.abi3.so': makeElf({ needed: ['libc.so.6'] }) }

test('what a layer consists of, and what its files need', async () => {
  await withLayers(async (place) => {
    const events: ProgressEvent[] = []
    const result = await verifyLayer({ path: place.zip(FILES), onProgress: (event) => events.push(event) })
    expect(result).toMatchObject({ ok: true, kind: 'zip', architecture: 'x86_64', counts: { error: 0 } })
    expect(result.sizes).toMatchObject({ files: 2, unzipped: 6 + FILES['python/a/_a.abi3.so'].length })
    expect(result.elf).toEqual([
      { file: 'python/a/_a.abi3.so', architecture: 'x86_64', needed: ['libc.so.6'], versions: {} },
    ])
    expect(result.components.map(({ name, files }) => [name, files])).toEqual([['a', 2]])
    expect(result.files.map(({ path }) => path)).toEqual(['python/a/_a.abi3.so', 'python/a/__init__.py'])
    expect(events.map(({ type }) => type)).toEqual(['start', 'end'])
  })
})

test('the same of a folder as of its zip, but for what the zip is', async () => {
  await withLayers(async (place) => {
    const [zip, folder] = [
      await verifyLayer({ path: place.zip(FILES) }),
      await verifyLayer({ path: place.folder(FILES) }),
    ]
    expect(folder.elf).toEqual(zip.elf)
    expect(folder.sizes).toEqual({ ...zip.sizes, zip: undefined })
    expect(folder.findings.map(({ id }) => id)).toEqual(['asset-not-zip'])
  })
})

test('a published layer is fetched, judged for the runtimes of its functions, and removed', async () => {
  await withLayers(async (place) => {
    const zip = place.zip({ 'python/lib/python3.13/site-packages/a.py': '' })
    const asked: string[] = []
    let removed = 0
    const download = async (arn: string) => {
      asked.push(arn)
      return { path: zip, pythons: ['python3.12'], arch: 'arm64', remove: async () => void (removed += 1) }
    }
    const result = await verifyLayer({ path: ARN, download })
    expect({ asked, removed }).toEqual({ asked: [ARN], removed: 1 })
    expect(result).toMatchObject({ ok: false, path: ARN, runtimes: ['python3.12'], architecture: 'arm64' })
    expect(result.findings[0]?.id).toBe('wrong-python-folder')
    // What the caller says goes first.
    expect((await verifyLayer({ path: ARN, download, pythons: ['3.13'], arch: 'x86_64' })).ok).toBe(true)
  })
})

test('a download that is no zip is removed as well', async () => {
  await withLayers(async (place) => {
    const path = join(place.path, 'broken.zip')
    writeFileSync(path, 'AccessDenied')
    let removed = 0
    const download = async () => ({ path, remove: async () => void (removed += 1) })
    await expect(verifyLayer({ path: ARN, download })).rejects.toMatchObject({ code: 'ZIP_INVALID' })
    expect(removed).toBe(1)
  })
})

test('without a way to fetch it an ARN is refused', async () => {
  await expect(verifyLayer({ path: ARN })).rejects.toMatchObject({ code: 'LAYER_ARN_NOT_SUPPORTED' })
})

test('what an import test finds is among the findings', async () => {
  await withLayers(async (place) => {
    const image = { reference: 'image', id: 'sha256:0', digest: undefined }
    const run = { runtime: 'python3.13', image, glibc: '2.34', modules: [] }
    const { ok, findings, imports } = await verifyLayer({
      path: place.zip(FILES),
      importTest: async ({ tree, runtimes, arch }) => {
        expect([tree.kind, runtimes[0].name, arch.name]).toEqual(['zip', 'python3.13', 'x86_64'])
        return {
          runs: [run],
          findings: [finding('import-failed', { file: 'python/a', reason: 'it fails.' })],
        }
      },
    })
    expect({ ok, ids: findings.map(({ id }) => id) }).toEqual({ ok: false, ids: ['import-failed'] })
    expect(imports).toEqual([run])
  })
})

test('what is not there, and Ctrl-C', async () => {
  await expect(verifyLayer({ path: '/nowhere/layer.zip' })).rejects.toMatchObject({
    code: 'FILE_NOT_READABLE',
    kind: 'usage',
  })
  await withLayers(async (place) => {
    for (const path of [place.zip(FILES), place.folder(FILES)])
      await expect(verifyLayer({ path, signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: 'INTERRUPTED',
      })
  })
})
