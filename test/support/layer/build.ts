import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { buildLayer } from '../../../src/lib/layer/build/build-layer.ts'
import type { BuildOptions, BuildResult } from '../../../src/lib/layer/build/build-options.ts'
import type { ProgressEvent } from '../../../src/lib/progress.ts'
import { scriptFolder } from '../script-folder.ts'
import { PackageIndex } from './package-index.ts'
import { onTestFinished } from 'vitest'

/** A day on which Python 3.10 is deprecated, and 3.11 is not. */
const TODAY = new Date('2026-11-21T12:00:00Z')

/** A project with a package index of its own, for the running test. */
export interface BuildBench {
  folder: string
  index: PackageIndex
  /** What was reported since the last build began. */
  events: ProgressEvent[]
  build(options?: Partial<BuildOptions>): Promise<BuildResult>
  /** Names in the folder that zips go to, hidden ones as well. */
  files(): string[]
}

/** Makes a project whose packages come from an index on the loopback. */
export async function buildBench(files: Readonly<Record<string, string>> = {}): Promise<BuildBench> {
  const folder = scriptFolder(files)
  const index = await PackageIndex.start()
  onTestFinished(() => index.stop())
  const events: ProgressEvent[] = []
  return {
    folder,
    index,
    events,
    build(options = {}) {
      events.length = 0
      return buildLayer({
        ...buildDefaults(folder),
        index: { indexUrl: index.url },
        resolver: 'cruddur',
        onProgress: (event) => events.push(event),
        ...options,
      })
    },
    files: () => readdirSync(join(folder, 'out')).toSorted(),
  }
}

/** What builds in a folder take in tests: nothing from outside of it. */
export function buildDefaults(folder: string): BuildOptions {
  return {
    directory: folder,
    out: 'out',
    cacheFolder: join(folder, 'cache'),
    environment: { PATH: process.env['PATH'] },
    network: { pause: 1, retries: 2 },
    tool: 'cruddur test',
    now: () => TODAY,
  }
}
