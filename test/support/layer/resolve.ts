import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findArchitecture } from '../../../src/lib/layer/architectures.ts'
import { HttpClient, type NetworkSettings } from '../../../src/lib/layer/http/http-client.ts'
import { readInputs } from '../../../src/lib/layer/resolve/inputs.ts'
import type { IndexSettings } from '../../../src/lib/layer/resolve/index-client.ts'
import type { Resolution } from '../../../src/lib/layer/resolve/resolution.ts'
import { type ResolverName, resolvePackages } from '../../../src/lib/layer/resolve/resolve-packages.ts'
import { type Target, targetOf } from '../../../src/lib/layer/resolve/target.ts'
import { findRuntime } from '../../../src/lib/layer/runtimes.ts'
import { CruddurError } from '../../../src/lib/errors.ts'

/** A target by the names that people use. */
export function target(python = '3.13', architecture = 'arm64'): Target {
  return targetOf(findRuntime(python), findArchitecture(architecture))
}

export interface ResolveInTestOptions {
  requirements?: readonly string[]
  files?: readonly string[]
  directory?: string
  extras?: readonly string[]
  groups?: readonly string[]
  target?: Target
  index?: IndexSettings
  network?: NetworkSettings
  resolver?: ResolverName
  cacheFolder?: string
  environment?: Readonly<Record<string, string | undefined>>
  signal?: AbortSignal
}

/** Resolves as `layer build` does, without waiting between repetitions. */
export async function resolveInTest(options: ResolveInTestOptions): Promise<Resolution> {
  const folder = options.cacheFolder ?? mkdtempSync(join(tmpdir(), 'cruddur-test-'))
  const wanted = options.target ?? target()
  const environment = options.environment ?? {}
  const http = new HttpClient({ pause: 1, timeout: 60_000, ...options.network })
  try {
    const inputs = readInputs({ directory: folder, ...options, target: wanted.environment, environment })
    return await resolvePackages({
      inputs,
      target: wanted,
      index: options.index ?? {},
      http,
      resolver: options.resolver ?? 'cruddur',
      cacheFolder: folder,
      environment,
      signal: options.signal,
    })
  } finally {
    http.close()
    if (options.cacheFolder === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

/** What was chosen: `['six 1.17.0']`. */
export function chosen({ packages }: Resolution): string[] {
  return packages.map(({ name, version }) => `${name} ${version}`)
}

/** The error that work ends with; anything but a CruddurError is a bug and is thrown on. */
export async function failure(work: Promise<unknown>): Promise<CruddurError> {
  try {
    await work
  } catch (error) {
    if (error instanceof CruddurError) return error
    throw error
  }
  throw new Error('it ended without an error')
}
