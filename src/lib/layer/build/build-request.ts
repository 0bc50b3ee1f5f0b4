import { basename, resolve } from 'node:path'
import type { Inputs } from '../resolve/inputs.ts'
import type { SourceOnly } from '../resolve/resolution.ts'
import type { BuildOptions, BuildRequest } from './build-options.ts'

/** What is to be built when only what has no wheel is; nothing when that is nothing. */
export function requestFor(sources: readonly SourceOnly[], inputs: Inputs): BuildRequest | undefined {
  if (sources.length === 0) return undefined
  return {
    requirements: sources.map(({ name, version }) => pinned(name, version, hashesFor(name, inputs))),
    requirementFiles: [],
    dependencies: sources.some(({ requirementsKnown }) => !requirementsKnown),
  }
}

/** What is to be built when everything is. Files go there as they are, since they may say where packages come from. */
export function requestForAll(
  inputs: Inputs,
  { directory, files = [], requirements = [] }: BuildOptions,
): BuildRequest {
  if (inputs.kind === 'lock')
    return {
      requirements: inputs.packages.map(({ name, version, hashes = [] }) =>
        pinned(name, version, [...hashes]),
      ),
      requirementFiles: [],
      dependencies: false,
    }
  const given = files.length + requirements.length > 0 ? files : inputs.files.slice(0, 1)
  const requirementFiles = given
    .filter((file) => basename(file) !== 'pyproject.toml')
    .map((file) => resolve(directory, file))
  const texts = requirementFiles.length > 0 ? requirements : inputs.requirements.map(({ text }) => text)
  return { requirements: texts, requirementFiles, dependencies: true }
}

function pinned(name: string, version: string, hashes: readonly string[]): string {
  return [`${name}==${version}`, ...hashes.map((hash) => `--hash=sha256:${hash}`)].join(' ')
}

/** The files that may be taken, where it is said. */
function hashesFor(name: string, inputs: Inputs): readonly string[] {
  if (inputs.kind === 'lock') return [...(inputs.packages.find((one) => one.name === name)?.hashes ?? [])]
  return [...inputs.requirements, ...inputs.constraints]
    .filter(({ requirement }) => requirement.name === name)
    .flatMap(({ hashes }) => hashes)
}
