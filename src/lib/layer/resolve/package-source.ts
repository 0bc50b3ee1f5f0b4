import { fileURLToPath } from 'node:url'
import { UsageError } from '../../errors.ts'
import { parseRequirement, type Requirement } from '../python/requirement.ts'
import { Specifier } from '../python/specifier.ts'
import { parseVersion } from '../python/version.ts'
import { parseMetadata } from '../wheel/metadata.ts'
import { ZipArchive } from '../zip/read-zip.ts'
import { type Candidate, candidatesOf } from './candidates.ts'
import type { IndexClient } from './index-client.ts'
import type { IndexFile } from './index-file.ts'
import type { MetadataCache } from './metadata-cache.ts'
import { metadataOf, readRemoteMetadata } from './remote-metadata.ts'
import type { Target } from './target.ts'

/** What the resolver asks. */
export interface PackageSource {
  /** The versions of a package, the newest first; empty if it is not known. */
  candidates(name: string): Promise<readonly Candidate[]>
  /** Whether there is any file of a package, for whatever Python. */
  exists(name: string): Promise<boolean>
  /** What a version needs; `undefined` if that is not known before it is built; `'unusable'` if it is not for this Python, or broken. */
  requirements(candidate: Candidate): Promise<readonly Requirement[] | undefined | 'unusable'>
}

export interface IndexSourceOptions {
  client: IndexClient
  target: Target
  /** Hashes that limit which files may be taken, by package. */
  hashes?: ReadonlyMap<string, ReadonlySet<string>> | undefined
  /** Whether only files with such a hash may be taken. */
  requireHashes?: boolean | undefined
  /** Packages that come from a URL of their own. */
  urls?: ReadonlyMap<string, IndexFile> | undefined
  /** Downloads a whole wheel, for servers that send no parts of files; gives back its path. */
  download: (file: IndexFile) => Promise<string>
  cache?: MetadataCache | undefined
  signal?: AbortSignal | undefined
}

/** Packages as indexes have them. */
export class IndexSource implements PackageSource {
  readonly #options: IndexSourceOptions
  readonly #candidates = new Map<string, Promise<readonly Candidate[]>>()
  readonly #requirements = new Map<string, Promise<readonly Requirement[] | undefined | 'unusable'>>()

  constructor(options: IndexSourceOptions) {
    this.#options = options
  }

  candidates(name: string): Promise<readonly Candidate[]> {
    return remembered(this.#candidates, name, () => this.#find(name))
  }

  async exists(name: string): Promise<boolean> {
    const { client, urls } = this.#options
    return urls?.has(name) === true || (await client.files(name)).length > 0
  }

  requirements(candidate: Candidate): Promise<readonly Requirement[] | undefined | 'unusable'> {
    // Wheels of a version nearly always need the same; who builds from source learns it this way.
    const wheel = candidate.wheel ?? candidate.wheels[0]
    if (!wheel) return Promise.resolve(undefined)
    return remembered(this.#requirements, wheel.url, () => this.#read(wheel))
  }

  async #find(name: string): Promise<readonly Candidate[]> {
    const { client, target, hashes, urls, requireHashes } = this.#options
    const own = urls?.get(name)
    if (requireHashes && !hashes?.has(name) && own?.sha256 === undefined)
      throw new UsageError(`${name} is needed too, and has neither version nor hash.`, {
        code: 'HASH_MISSING',
        hint: 'List all packages with their hashes: pip-compile --generate-hashes, or uv export.',
        details: { package: name },
      })
    return candidatesOf(name, own ? [own] : await client.files(name), target, hashes?.get(name))
  }

  async #read(wheel: IndexFile): Promise<readonly Requirement[] | 'unusable'> {
    const { requiresDist, requiresPython } = parseMetadata(await this.#metadata(wheel))
    const python = parseVersion(this.#options.target.python)
    try {
      if (requiresPython && python && !new Specifier(requiresPython).allows(python)) return 'unusable'
      return requiresDist.map(parseRequirement)
    } catch (error) {
      if (error instanceof UsageError) return 'unusable'
      throw error
    }
  }

  async #metadata(wheel: IndexFile): Promise<string> {
    const known = await this.#options.cache?.read(wheel.sha256)
    if (known !== undefined) return known
    const text = await this.#fetchMetadata(wheel)
    await this.#options.cache?.write(wheel.sha256, text)
    return text
  }

  async #fetchMetadata(wheel: IndexFile): Promise<string> {
    const { client, signal, download } = this.#options
    const url = new URL(wheel.url)
    if (url.protocol === 'file:') return metadataIn(fileURLToPath(url), wheel.fileName)
    if (wheel.metadata !== false) {
      const beside = new URL(url)
      beside.pathname += '.metadata'
      const text = await client.text(beside, wheel.metadata === true ? undefined : wheel.metadata.sha256)
      if (text !== undefined) return text
    }
    const text = await readRemoteMetadata(client.http, url, wheel.fileName, signal)
    return text ?? metadataIn(await download(wheel), wheel.fileName)
  }
}

function metadataIn(path: string, fileName: string): string {
  const archive = ZipArchive.open(path, fileName)
  try {
    return metadataOf(archive) ?? ''
  } finally {
    archive.close()
  }
}

/** The promise that is there already, or a new one, which is kept. */
function remembered<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(key)
  if (found) return found
  const made = make()
  // It may have been asked for ahead: then nobody waits for it yet.
  made.catch(() => undefined)
  known.set(key, made)
  return made
}
