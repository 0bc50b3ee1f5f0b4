import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findArchitecture } from '../../../../../src/lib/layer/architectures.ts'
import { findRuntime } from '../../../../../src/lib/layer/runtimes.ts'
import { Linker } from '../../../../../src/lib/layer/verify/link/linker.ts'
import { runtimeLibraries } from '../../../../../src/lib/layer/verify/link/runtime-libraries.ts'
import { readContents } from '../../../../../src/lib/layer/verify/read-contents.ts'
import { openLayerTree } from '../../../../../src/lib/layer/verify/tree/layer-tree.ts'
import { requireTools } from '../../../../conformance/harness/tools.ts'
import { ldd, missingLdd } from '../../../../support/layer/ldd.ts'
import { withLayers } from '../../../../support/layer/verify.ts'
import { requireWheels } from '../../../../support/layer/wheels.ts'

test(
  'our loader finds what that of glibc finds, for each file of real wheels',
  { timeout: 300_000 },
  async ({ skip }) => {
    const lacking = missingLdd()
    if (lacking !== undefined) requireTools(lacking, skip)
    const wheels = await requireWheels(
      [
        // With RPATH and libraries of their own; with RUNPATH and libraries beside the modules; with neither.
        'psycopg2-binary-2.9.13-cp313-x86_64',
        'pillow-13.0.0-cp313-x86_64',
        'numpy-2.5.5-cp313-x86_64',
        'pyarrow-26.0.1-cp313-x86_64',
        'pandas-3.1.1-cp313-x86_64',
        'shiboken6-6.11.2-abi3-x86_64',
      ],
      skip,
    )
    await withLayers(async (place) => {
      const root = place.unpack(await place.wheels(wheels))
      const { elf } = await readContents(openLayerTree(root))
      const arch = findArchitecture('x86_64')
      const libraries = runtimeLibraries(findRuntime('3.13'), arch)
      const linker = new Linker({ elf, links: [], libraries, arch })
      expect(elf.length).toBeGreaterThan(140)
      for (const one of elf) {
        const { loaded, missing } = linker.load(one)
        const ours = {
          found: loaded.slice(1).flatMap(({ file }) => file?.file.path ?? []),
          missing: missing.map(({ library }) => library),
        }
        const theirs = ldd(join(root, one.file.path))
        const inLayer = theirs.found.map((path) => join(path)).filter((path) => path.startsWith(`${root}/`))
        expect({
          file: one.file.path,
          found: ours.found.toSorted(),
          missing: ours.missing.toSorted(),
        }).toEqual({
          file: one.file.path,
          found: inLayer.map((path) => path.slice(root.length + 1)).toSorted(),
          missing: theirs.missing.toSorted(),
        })
      }
    })
  },
)
