import { sha256 } from '../../sha256.ts'
import type { IndexSettings } from '../resolve/index-client.ts'
import type { Inputs } from '../resolve/inputs.ts'
import type { ResolverName } from '../resolve/resolve-packages.ts'
import type { Target } from '../resolve/target.ts'
import type { BuilderName } from './build-options.ts'
import type { LayerLayout } from '../wheel/place-wheel.ts'

/** What the choice of wheels depends on. */
export interface ResolutionQuestion {
  inputs: Inputs
  target: Target
  index: IndexSettings
  resolver: ResolverName
  builder: BuilderName
  image: string | undefined
}

/** What the bytes of a zip depend on besides the wheels. */
export interface AssemblyQuestion {
  tool: string
  layout: LayerLayout
  prune: boolean
  keep: readonly string[]
  strip: boolean
}

/** A digest that changes with anything that wheels are chosen by; folders do not matter, nor do logins. */
export function resolutionKey({ inputs, target, index, ...rest }: ResolutionQuestion): string {
  return digest({
    inputs: describeInputs(inputs),
    python: target.runtime.python,
    arch: target.architecture.name,
    index: describeIndex(index),
    ...rest,
  })
}

/** A digest that changes with anything that the zip depends on. */
export function buildKey(resolution: string, { tool, layout, prune, keep, strip }: AssemblyQuestion): string {
  return digest({ resolution, tool, layout, prune, keep, strip })
}

function digest(value: unknown): string {
  return sha256().update(JSON.stringify(value)).digest('hex')
}

function describeInputs(inputs: Inputs): unknown {
  if (inputs.kind === 'lock')
    return inputs.packages.map(({ name, version, hashes, files }) => ({
      name,
      version,
      hashes: hashes && [...hashes].toSorted(),
      files: files?.map(({ fileName, sha256: hash }) => [fileName, hash]),
    }))
  const { requirements, constraints, index, requireHashes } = inputs
  const describe = ({ text, hashes }: (typeof requirements)[number]) => [withoutLogin(text), hashes]
  return {
    requirements: requirements.map(describe),
    constraints: constraints.map(describe),
    index: describeIndex(index),
    requireHashes,
  }
}

function describeIndex({
  indexUrl,
  extraIndexUrls = [],
  findLinks = [],
  noIndex = false,
}: IndexSettings): unknown {
  return {
    indexUrl: indexUrl === undefined ? undefined : withoutLogin(indexUrl),
    extraIndexUrls: extraIndexUrls.map(withoutLogin),
    findLinks: findLinks.map(withoutLogin),
    noIndex,
  }
}

/** A text without what may be a login in the URLs in it. */
function withoutLogin(text: string): string {
  return text.replaceAll(/:\/\/[^/\s@]*@/g, '://')
}
