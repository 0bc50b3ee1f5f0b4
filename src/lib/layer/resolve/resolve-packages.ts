import type { VerbOptions } from '../../progress.ts'
import type { HttpClient } from '../http/http-client.ts'
import { parseRequirement } from '../python/requirement.ts'
import { chooseVersions } from './choose-versions.ts'
import { downloadWheels } from './download.ts'
import { IndexClient, type IndexSettings } from './index-client.ts'
import type { Inputs } from './inputs.ts'
import { MetadataCache } from './metadata-cache.ts'
import { IndexSource } from './package-source.ts'
import { pickLocked } from './pick-locked.ts'
import { hashLimits, urlFiles } from './requirement-limits.ts'
import type { Resolution, ResolvedBy } from './resolution.ts'
import { resolutionOf } from './resolution-of.ts'
import { Resolver } from './resolver.ts'
import type { Target } from './target.ts'
import { join } from 'node:path'

/** Who is to choose versions. */
export type ResolverName = 'auto' | Exclude<ResolvedBy, 'lock'>

export interface ResolveOptions extends VerbOptions {
  inputs: Inputs
  target: Target
  index: IndexSettings
  /** Learns the logins of the indexes: what downloads the wheels must be the same one. */
  http: HttpClient
  resolver: ResolverName
  /** Where downloads and metadata are kept between runs. */
  cacheFolder: string
  /** What the processes of uv and pip get. */
  environment: Readonly<Record<string, string | undefined>>
}

/**
 * Chooses a wheel for each package that a layer needs. Nothing is downloaded but metadata, as a rule.
 * @throws {CruddurError} `PACKAGE_NOT_FOUND`, `VERSION_NOT_FOUND`, `REQUIREMENTS_CONFLICT`, `NO_WHEEL`, `HASH_MISSING`, `INDEX_UNREACHABLE`,
 *   `INDEX_LOGIN_REFUSED`, `INDEX_ANSWER_INVALID`, `RESOLVER_NOT_FOUND`, `RESOLVER_FAILED`
 * @throws {InterruptedError}
 */
export async function resolvePackages(options: ResolveOptions): Promise<Resolution> {
  const { inputs, target, http, signal } = options
  const index = inputs.kind === 'lock' ? options.index : merged(options.index, inputs.index)
  const client = new IndexClient(index, http, signal)
  if (inputs.kind === 'lock') return pickLocked(inputs, client, target)
  const source = new IndexSource({
    client,
    target,
    signal,
    hashes: hashLimits(inputs),
    requireHashes: inputs.requireHashes,
    urls: urlFiles(inputs, http.logins),
    cache: new MetadataCache(join(options.cacheFolder, 'metadata')),
    download: async (file) => {
      const folder = join(options.cacheFolder, 'wheels')
      const [wheel] = await downloadWheels([file], { folder, http, signal })
      return wheel?.path ?? ''
    },
  })
  const { pins, by, because } = await chooseVersions(inputs, { ...options, index })
  // Pins of other programs are held against what packages need here, too: what they lack is added.
  const pinned = [...pins].map(([name, version]) => ({
    requirement: parseRequirement(`${name}==${version}`),
    origin: by,
  }))
  const decisions = await new Resolver(source, target, signal).resolve({
    requirements: inputs.requirements,
    constraints: [...inputs.constraints, ...pinned],
  })
  return resolutionOf(decisions, { source, target, by, because })
}

/** What a requirements file says comes before what the environment says, as with pip. */
function merged(given: IndexSettings, own: IndexSettings): IndexSettings {
  return {
    indexUrl: own.indexUrl ?? given.indexUrl,
    extraIndexUrls: [...(given.extraIndexUrls ?? []), ...(own.extraIndexUrls ?? [])],
    findLinks: [...(given.findLinks ?? []), ...(own.findLinks ?? [])],
    noIndex: (own.noIndex ?? false) || (given.noIndex ?? false),
  }
}
