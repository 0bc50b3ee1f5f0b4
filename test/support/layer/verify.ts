import type { Finding } from '../../../src/lib/layer/verify/findings.ts'
import { type VerifyLayerOptions, verifyLayer } from '../../../src/lib/layer/verify/verify-layer.ts'
import { type LayerFiles, layerFolder, type LayerFolderForTests } from './make-layer.ts'

/** A day on which every runtime from 3.11 on is supported. */
const TODAY = new Date('2026-11-01T00:00:00Z')

/** What verify finds in a layer for Python 3.13 on x86_64 when nothing else is said. */
export async function findingsOf(
  path: string,
  options: Partial<VerifyLayerOptions> = {},
): Promise<Finding[]> {
  const { findings } = await verifyLayer({
    path,
    pythons: ['3.13'],
    arch: 'x86_64',
    now: () => TODAY,
    ...options,
  })
  return findings
}

/** Makes a folder with files, verifies it, and removes it. Returns each finding as `id file`. */
export async function idsIn(files: LayerFiles, options: Partial<VerifyLayerOptions> = {}): Promise<string[]> {
  return (await findingsIn(files, options)).map(({ id, file }) => `${id} ${file}`.trim())
}

/** Makes a folder with files, verifies it, and removes it; what is only about folders being no zips is left out. */
export async function findingsIn(
  files: LayerFiles,
  options: Partial<VerifyLayerOptions> = {},
): Promise<Finding[]> {
  return withLayers(async (place) => {
    const findings = await findingsOf(place.folder(files), options)
    return findings.filter(({ id }) => id !== 'asset-not-zip')
  })
}

/** Lets something make layers, which are gone afterwards. */
export async function withLayers<Result>(
  work: (place: LayerFolderForTests) => Promise<Result>,
): Promise<Result> {
  const place = layerFolder()
  try {
    return await work(place)
  } finally {
    place.remove()
  }
}
