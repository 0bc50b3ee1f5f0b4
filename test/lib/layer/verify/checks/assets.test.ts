import { renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyLayer } from '../../../../../src/lib/layer/verify/verify-layer.ts'
import { withLayers } from '../../../../support/layer/verify.ts'

const FILES = { 'python/a.py': '' }

test('a zip suits every tool', async () => {
  await withLayers(async (place) => {
    const { deploy, findings } = await verifyLayer({ path: place.zip(FILES) })
    expect(Object.values(deploy).map(({ ok }) => ok)).toEqual([true, true, true])
    expect(deploy.sam.how).toContain('without BuildMethod')
    expect(findings).toEqual([])
  })
})

test('a folder is nothing for Terraform, with links for nobody', async () => {
  await withLayers(async (place) => {
    const root = place.folder(FILES)
    const { deploy, findings } = await verifyLayer({ path: root })
    expect([deploy.cdk.ok, deploy.terraform.ok, deploy.sam.ok]).toEqual([true, false, true])
    expect(findings.map(({ id }) => id)).toEqual(['asset-not-zip'])
    symlinkSync('a.py', join(root, 'python/b.py'))
    expect((await verifyLayer({ path: root })).findings.map(({ id }) => id)).toContain('asset-links')
  })
})

test('CDK goes by the name', async () => {
  await withLayers(async (place) => {
    const path = join(place.path, 'layer.bin')
    renameSync(place.zip(FILES), path)
    const { ok, deploy, findings } = await verifyLayer({ path })
    expect({ ok, cdk: deploy.cdk.ok, ids: findings.map(({ id }) => id) }).toEqual({
      ok: true,
      cdk: false,
      ids: ['asset-name'],
    })
  })
})

test('what is too large for the request goes through a bucket', async () => {
  await withLayers(async (place) => {
    const content = Buffer.alloc(52_428_800)
    const path = place.zip(FILES, {}, [{ name: 'python/x', content, stored: true, mode: 0o100_644 }])
    expect((await verifyLayer({ path })).deploy.terraform.how).toContain('s3_bucket')
  })
})
