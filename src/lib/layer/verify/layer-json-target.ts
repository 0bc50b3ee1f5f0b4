import { readFileSync } from 'node:fs'
import { CruddurError } from '../../errors.ts'
import { layerJsonPath } from '../newest-layer.ts'

/** What the file beside a zip says it is for. */
export interface LayerJsonTarget {
  pythons: string[]
  arch: string | undefined
}

/**
 * Reads for which Python and architecture a zip was built; `undefined` when nothing stands beside it, or nothing of that kind.
 * @throws {CruddurError} `LAYER_JSON_INVALID`
 */
export function layerJsonTarget(zip: string): LayerJsonTarget | undefined {
  const path = layerJsonPath(zip)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
  const said = parse(text, path)
  const python = said['python'] ?? said['compatibleRuntimes'] ?? said['runtime']
  const pythons = (Array.isArray(python) ? python : [python]).filter((one) => typeof one === 'string')
  const arch = said['arch'] ?? said['architecture']
  return { pythons, arch: typeof arch === 'string' ? arch : undefined }
}

function parse(text: string, path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Told below.
  }
  throw new CruddurError(`"${path}" is not what layer build writes.`, {
    code: 'LAYER_JSON_INVALID',
    hint: 'Build the layer again, or remove the file and say --python and --arch.',
    details: { file: path },
  })
}
