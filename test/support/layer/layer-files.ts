import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type LayerJson, writeLayerJson } from '../../../src/lib/layer/layer-json.ts'
import { layerJsonPath } from '../../../src/lib/layer/newest-layer.ts'
import { type MadeEntry, makeZip } from './make-zip.ts'

/** A folder for the running test. */
export function testFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'cruddur-layer-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** What a small layer holds. */
const SMALL_LAYER: readonly MadeEntry[] = [
  { name: 'python/shop/__init__.py', content: 'price = 3\n', mode: 0o100_644 },
]

/** The description of a layer as builds write it. */
export function describedAs(zip: Uint8Array, more: Partial<LayerJson> = {}): LayerJson {
  return {
    name: 'shop-py313-arm64',
    python: '3.13',
    arch: 'arm64',
    builder: 'wheels',
    wheels: [
      {
        name: 'shop',
        version: '1.2',
        fileName: 'shop-1.2-py3-none-any.whl',
        sha256: '0'.repeat(64),
        licence: 'MIT',
      },
    ],
    options: {},
    sizes: { zip: zip.length, unzipped: 10 },
    codeSha256: createHash('sha256').update(zip).digest('base64'),
    ...more,
  }
}

/** Writes a layer's zip and what describes it; returns the path of the zip. */
export function writeLayer(
  folder: string,
  { zip = makeZip(SMALL_LAYER), ...more }: Partial<LayerJson> & { zip?: Buffer } = {},
): string {
  const layer = describedAs(zip, more)
  const path = join(folder, `${layer.name}.zip`)
  writeFileSync(path, zip)
  writeLayerJson(layerJsonPath(path), layer)
  return path
}
