import { readFileSync } from 'node:fs'
import { throwIfAborted } from '../../errors.ts'
import { runStep } from '../../progress.ts'
import type { PackageSize } from '../layer-json.ts'
import type { RecordRow } from '../wheel/record.ts'
import type { Wheel } from '../wheel/open-wheel.ts'
import { writeZip, type WrittenZip, type ZipFile } from '../zip/write-zip.ts'
import { assemble, type PackageFiles, withRecord } from './assemble.ts'
import { zippedSize } from './file-size.ts'
import type { KeptFile } from './build-missing.ts'
import type { BuildPlan } from './plan-build.ts'
import { Pruning } from './prune.ts'
import { librarySizes, packageSizes, requireFits } from './size-report.ts'
import { stripFiles } from './strip.ts'
import { findStrip } from './strip-program.ts'

/** A layer whose zip has been written. */
export interface WrittenLayer extends WrittenZip {
  packages: PackageSize[]
  warnings: string[]
  /** Why another machine may make other bytes. */
  notReproducible: string | undefined
}

/**
 * Makes the zip of a layer out of wheels.
 * @param path where it is written
 * @throws {CruddurError} `PACKAGES_CLASH`, `LAYER_TOO_LARGE`; what `placeWheel` and `writeZip` throw
 */
export async function writeLayer(
  path: string,
  { wheels, libraries }: { wheels: readonly Wheel[]; libraries: readonly KeptFile[] },
  plan: BuildPlan,
): Promise<WrittenLayer> {
  const { layout, prune, keep, target, options } = plan
  const { onProgress, signal } = options
  const pruning = prune ? new Pruning(keep) : undefined
  const python = target.runtime.python
  const assembled = assemble(wheels, { layout, python, pruning })
  const stripped = plan.strip ? await stripAll(assembled, plan) : undefined
  const packages = stripped?.packages ?? assembled
  const changed = stripped?.changed ?? new Map<string, Pick<RecordRow, 'hash' | 'size'>>()
  const final = packages.map((one) => withRecord(one, changed, { layout, python }))
  const own = libraries.map(placeLibrary)
  const sizes = [...packageSizes(final, stripped?.saved), ...librarySizes(own)]
  requireFits(sizes, plan)
  throwIfAborted(signal)
  const files = [...final.flatMap((one) => one.files), ...own]
  const total = files.reduce((sum, file) => sum + zippedSize(file), 0)
  const written = await runStep(onProgress, 'assemble', 'Putting the layer together', () =>
    writeZip(path, files, {
      signal,
      onBytes: (done) =>
        onProgress?.({ type: 'bytes', step: 'assemble', done: Math.min(done, total), total }),
    }),
  )
  const unused = (pruning?.unused ?? []).map(
    (pattern) => `--keep "${pattern}" fits nothing that would be left out.`,
  )
  return {
    ...written,
    packages: sizes,
    warnings: [...unused, ...(stripped?.warnings ?? [])],
    notReproducible: stripped?.program && `stripped by ${stripped.program}`,
  }
}

/** Where the loader looks for it in every function: `/opt/lib` (LD_LIBRARY_PATH of the image). */
function placeLibrary({ fileName, path }: KeptFile): ZipFile {
  return { name: `lib/${fileName}`, permissions: 0o755, content: readFileSync(path), deflate: true }
}

/** Files that a warning lists. */
const SHOWN = 3

interface StrippedPackages {
  packages: readonly PackageFiles[]
  changed: Map<string, Pick<RecordRow, 'hash' | 'size'>>
  /** Bytes, by the package's place in the list. */
  saved: number[]
  warnings: string[]
  program: string | undefined
}

/** Strips the libraries of all packages; where no program can, they stay as they are, with a warning. */
async function stripAll(
  packages: readonly PackageFiles[],
  { target, options }: BuildPlan,
): Promise<StrippedPackages> {
  const { environment, signal, onProgress } = options
  const arch = target.architecture
  const changed: StrippedPackages['changed'] = new Map()
  const program = await findStrip(arch, { environment, signal })
  if (!program)
    return {
      packages,
      changed,
      saved: [],
      warnings: [
        `Nothing was stripped: there is no strip for ${arch.name} here (llvm-strip can do all processors).`,
      ],
      program: undefined,
    }
  return runStep(onProgress, 'strip', 'Stripping libraries', async () => {
    const results: PackageFiles[] = []
    const saved: number[] = []
    const refused: string[] = []
    for (const one of packages) {
      const result = await stripFiles(one.files, { arch, program, environment, signal })
      for (const [name, row] of result.changed) changed.set(name, row)
      results.push({ ...one, files: result.files })
      saved.push(result.saved)
      refused.push(...result.refused)
    }
    const warnings = refused.length === 0 ? [] : [describeRefused(refused)]
    return { packages: results, changed, saved, warnings, program: program.version }
  })
}

function describeRefused(refused: readonly string[]): string {
  const shown = refused.toSorted().slice(0, SHOWN).join(', ')
  const more = refused.length > SHOWN ? ` and ${refused.length - SHOWN} more` : ''
  return `Not stripped, because the loader would refuse them then: ${shown}${more}.`
}
