import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { PythonVersion } from '../../../src/lib/layer/runtimes.ts'
import { openWheel } from '../../../src/lib/layer/wheel/open-wheel.ts'
import { type LayerLayout, placeWheel } from '../../../src/lib/layer/wheel/place-wheel.ts'
import { writeZip, type ZipFile } from '../../../src/lib/layer/zip/write-zip.ts'
import { type MadeEntry, makeZip } from './make-zip.ts'

/** Contents by path; a path that ends with a slash is a folder. */
export type LayerFiles = Readonly<Record<string, string | Buffer>>

/** A folder for tests, which is gone when `remove` has been called. */
export interface LayerFolderForTests {
  path: string
  /** Writes a layer as a folder, and returns its path. */
  folder(files: LayerFiles, modes?: Readonly<Record<string, number>>): string
  /** Writes a layer as a zip, and returns its path. `null` as a mode is none at all. */
  zip(files: LayerFiles, modes?: Readonly<Record<string, number | null>>, more?: readonly MadeEntry[]): string
  /** Places wheels in a layer as building does, and returns its path. `change` may add, replace and leave out files. */
  wheels(paths: readonly string[], options?: WheelLayerOptions): Promise<string>
  /** Unpacks a zip with unzip. */
  unpack(zip: string): string
  remove(): void
}

export interface WheelLayerOptions {
  layout?: LayerLayout
  python?: PythonVersion
  change?: (files: ZipFile[]) => ZipFile[]
}

/** Makes a place for layers. */
export function layerFolder(): LayerFolderForTests {
  const path = mkdtempSync(join(tmpdir(), 'cruddur-layer-'))
  let count = 0
  const next = () => join(path, `layer-${(count += 1)}`)
  return {
    path,
    folder(files, modes = {}) {
      const root = next()
      mkdirSync(root)
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(root, name)), { recursive: true })
        if (name.endsWith('/')) mkdirSync(join(root, name), { recursive: true })
        else writeFileSync(join(root, name), content, { mode: 0o644 })
      }
      for (const [name, mode] of Object.entries(modes)) chmodSync(join(root, name), mode)
      return root
    },
    zip(files, modes = {}, more = []) {
      const zip = `${next()}.zip`
      const entries = Object.entries(files).map(([name, content]): MadeEntry => {
        const mode = modes[name] === undefined ? (name.endsWith('/') ? 0o040_755 : 0o100_644) : modes[name]
        return mode === null ? { name, content } : { name, content, mode }
      })
      writeFileSync(zip, makeZip([...entries, ...more]))
      return zip
    },
    async wheels(paths, { layout = 'python', python = '3.13', change = (files: ZipFile[]) => files } = {}) {
      const zip = `${next()}.zip`
      const open = paths.map((one) => openWheel(one))
      try {
        await writeZip(zip, change(open.flatMap((wheel) => placeWheel(wheel, layout, python))))
      } finally {
        for (const { archive } of open) archive.close()
      }
      return zip
    },
    unpack(zip) {
      const root = next()
      execFileSync('unzip', ['-q', zip, '-d', root])
      return root
    },
    remove() {
      rmSync(path, { recursive: true, force: true })
    },
  }
}
