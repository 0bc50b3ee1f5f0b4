import { posix } from 'node:path'
import type { Runtime } from '../../runtimes.ts'
import { packageLabel } from '../advice.ts'
import { finding, type Finding } from '../findings.ts'
import type { LayerContext, LayerElf } from '../layer-context.ts'
import { type LayerLinks, linkLayer } from '../link/link-layer.ts'
import type { LinkResult } from '../link/linker.ts'
import { inOpt, oddParts } from '../link/search-path.ts'

/** Needed libraries, found as the loader finds them. */
export function checkNeeded(layer: LayerContext): Finding[] {
  const links = linkLayer(layer)
  return [
    ...links.flatMap((one) => missing(layer, one)),
    ...links.flatMap((one) => unsure(layer, one)),
    ...layer.elf.flatMap(oddSearchPath),
  ]
}

function missing(layer: LayerContext, { runtime, results }: LayerLinks): Finding[] {
  const seen = new Set<string>()
  const unloadable = namesOf(unloadableFiles(layer))
  const present = new Map(loadableFiles(layer).flatMap((one) => libraryNames(one).map((name) => [name, one])))
  const findable = namesLoadedByOthers(results)
  return results.flatMap((result) =>
    result.missing.flatMap(({ file: { file }, library }) => {
      const key = `${file.path}\0${library}`
      const name = posix.basename(library)
      // A library that is there but for another processor, or damaged, is told of already.
      if (seen.has(key) || (unloadable.has(name) && !present.has(name))) return []
      seen.add(key)
      const there = present.get(name)
      const common = {
        file: file.path,
        production: `ImportError: ${library}: cannot open shared object file: No such file or directory`,
        details: { library, runtime: runtime.name, ...(there ? { found: there.file.path } : {}) },
      }
      const needs = `it needs ${library}${packageLabel(layer, file.path)}`
      return [
        there === undefined
          ? nowhere(common, needs, runtime)
          : elsewhere(common, needs, there, findable.has(library)),
      ]
    }),
  )
}

type Common = Pick<Finding, 'file' | 'details'> & { production: string }

function nowhere(common: Common, needs: string, runtime: Runtime): Finding {
  return finding('library-missing', {
    ...common,
    reason: `${needs}, which is neither in the layer nor in ${runtime.name}.`,
    remedy:
      'Take a wheel that brings the library along (another version, a -headless or -binary package), or build with --builder docker, which copies it into lib/.',
  })
}

function elsewhere(common: Common, needs: string, there: LayerElf, isFindable: boolean): Finding {
  const found = `is at ${inOpt(there.file.path)}, where the loader does not look for it`
  return isFindable
    ? finding('library-import-order', {
        ...common,
        reason: `${needs}, which ${found}; it works once another module has loaded that library.`,
        remedy: 'Import the module first that loads the library, or test the import with --import.',
      })
    : finding('library-not-searched', {
        ...common,
        reason: `${needs}, which ${found}.`,
        remedy:
          'Put the library into lib/ at the root of the layer (/opt/lib), or give the file an RPATH with $ORIGIN that leads there.',
      })
}

function unsure(layer: LayerContext, { runtime, results }: LayerLinks): Finding[] {
  const byFile = new Map<LayerElf, Set<string>>()
  for (const { loaded, byName } of results) {
    const names = new Map([...byName].map(([name, one]) => [one, name]))
    for (const one of loaded) {
      const asking = one.loader?.file
      const name = names.get(one)
      if (one.runtime !== 'unsure' || asking === undefined || name === undefined) continue
      byFile.set(asking, (byFile.get(asking) ?? new Set()).add(name))
    }
  }
  return [...byFile].flatMap(([{ file }, libraries]) =>
    [...libraries].map((library) =>
      finding('library-unsure', {
        file: file.path,
        reason: `it needs ${library}${packageLabel(layer, file.path)}, which may be in the container image of ${runtime.name} only.`,
        remedy: 'Try it in a deployed function, or put the library into lib/ at the root of the layer.',
        production: `ImportError: ${library}: cannot open shared object file: No such file or directory`,
        details: { library, runtime: runtime.name },
      }),
    ),
  )
}

function oddSearchPath({ file, elf }: LayerElf): Finding[] {
  const paths = oddParts(elf.runpath ?? elf.rpath ?? '$ORIGIN')
  if (paths.length === 0) return []
  return [
    finding('search-path-odd', {
      file: file.path,
      reason: `it looks for libraries in ${paths.map((path) => JSON.stringify(path)).join(', ')}, which Lambda does not have.`,
      details: { paths },
    }),
  ]
}

/** Names under which something else has brought a library into memory. */
function namesLoadedByOthers(results: readonly LinkResult[]): Set<string> {
  const names = new Set<string>()
  for (const { loaded, byName } of results)
    for (const [name, one] of byName) if (one !== loaded[0]) names.add(name)
  return names
}

function loadableFiles({ elf, arch }: LayerContext): LayerElf[] {
  return elf.filter((one) => one.elf.machine === arch.elfMachine)
}

function unloadableFiles({ elf, odd, arch }: LayerContext): string[] {
  const wrong = elf.filter((one) => one.elf.machine !== arch.elfMachine)
  return [...wrong, ...odd].map(({ file }) => file.path)
}

function namesOf(paths: readonly string[]): Set<string> {
  return new Set(paths.map((path) => posix.basename(path)))
}

function libraryNames({ file, elf }: LayerElf): string[] {
  return [posix.basename(file.path), ...(elf.soname === undefined ? [] : [elf.soname])]
}
