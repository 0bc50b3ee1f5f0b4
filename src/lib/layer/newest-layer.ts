import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../errors.ts'
import { LAYER_JSON_SUFFIX } from './output-folder.ts'

/**
 * The zip that was built last in a folder: a build touches at least the `.layer.json` beside it.
 * @throws {UsageError} `NO_LAYER_BUILT`
 */
export function newestLayer(folder: string): string {
  const layers = zipNames(folder).map((name) => {
    const path = join(folder, name)
    return { path, time: Math.max(changedAt(path), changedAt(layerJsonPath(path))) }
  })
  const newest = layers.toSorted((a, b) => b.time - a.time || (a.path < b.path ? -1 : 1))[0]
  if (newest) return newest.path
  throw new UsageError(`There is no layer in ${folder}.`, {
    code: 'NO_LAYER_BUILT',
    hint: 'Build one with cruddur layer build, or name a folder, a zip or an ARN.',
    details: { folder },
  })
}

/** The file beside a zip that says how it was built. */
export function layerJsonPath(zip: string): string {
  return zip.replace(/\.zip$/i, '') + LAYER_JSON_SUFFIX
}

function zipNames(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^[^.].*\.zip$/.test(name))
  } catch {
    return []
  }
}

/** In milliseconds; 0 for what is not there. */
function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
