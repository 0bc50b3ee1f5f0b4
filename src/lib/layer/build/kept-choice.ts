import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { LayerJson } from '../layer-json.ts'
import type { Choice } from './choose-wheels.ts'

/** A file of the cache, by its SHA-256; `undefined` if it is not there. */
function cached(sha256: string, fileName: string, cacheFolder: string): string | undefined {
  const path = join(cacheFolder, 'wheels', sha256, fileName)
  return existsSync(path) ? path : undefined
}

/** What a recorded build was made of, if all of it can be had again. */
export function keptChoice({ wheels, image, build }: LayerJson, cacheFolder: string): Choice | undefined {
  if (!build?.settled) return undefined
  const files = wheels.map((wheel) => {
    const path = wheel.url === undefined ? cached(wheel.sha256, wheel.fileName, cacheFolder) : undefined
    const url = path === undefined ? wheel.url : pathToFileURL(path).href
    return url === undefined ? undefined : { ...wheel, url, size: wheel.size }
  })
  const libraries = (build.libraries ?? []).map(({ fileName, sha256, size }) => {
    const path = cached(sha256, fileName, cacheFolder)
    return path === undefined ? undefined : { path, fileName, sha256, size }
  })
  const isWhole = files.every((file) => file !== undefined) && libraries.every((file) => file !== undefined)
  if (!isWhole) return undefined
  return {
    wheels: files,
    libraries,
    image,
    sources: [],
    build: undefined,
    passedOver: [],
    by: undefined,
    pinned: build.pinned,
    settled: true,
  }
}
