import { constants } from 'node:os'
import type { Runtime } from '../../runtimes.ts'
import { advice, packageLabel } from '../advice.ts'
import { finding, type Finding } from '../findings.ts'
import { groupBy } from '../group-by.ts'
import type { LayerContext } from '../layer-context.ts'
import { runtimeLibraries } from '../link/runtime-libraries.ts'
import { RUNTIME_MODULES } from '../runtime-packages.ts'
import type { ImportableModule } from './importable-modules.ts'
import type { ImportOutcome } from './importer.ts'

/** A module, and what the importer has told of it; nothing when it did not get that far. */
export interface Tried {
  module: ImportableModule
  outcome: ImportOutcome | undefined
}

/** What became of a module; a `library` is a file that looks like a module and is none. */
export type ModuleOutcome = 'imported' | 'failed' | 'skipped' | 'library' | 'not-tried'

/** What Python says of a library that is no module. */
const NO_MODULE = /does not define module export function/

/** What the loader says of a library that it does not find. */
const MISSING_LIBRARY = /(?:^|[\s:])([^/\s:]+\.so[^/\s:]*): cannot open shared object file/

/** What a message looks like when a compiled file is not right for the runtime. */
const COMPILED =
  /No module named '[^']*\._|cannot open shared object file|invalid ELF header|GLIBC|CXXABI|wrong ELF class|undefined symbol/

/** What became of a module, in a word. */
export function outcomeOf({ module, outcome }: Tried): ModuleOutcome {
  if (!outcome) return 'not-tried'
  if (outcome.skipped) return 'skipped'
  if (!module.sure && NO_MODULE.test(outcome.error?.message ?? '')) return 'library'
  return outcome.error || outcome.died !== undefined || outcome.late !== undefined ? 'failed' : 'imported'
}

/** Where modules were tried. */
export interface TriedIn {
  layer: LayerContext
  runtime: Runtime
  /** Whether the image may lack what the managed runtime has. */
  isStandIn: boolean
}

/** What is to be told of the modules of a layer that did not load, those with the same reason together. */
export function importFindings(place: TriedIn, tried: readonly Tried[]): Finding[] {
  const names = new Set(tried.map(({ module }) => topOf(module.module)))
  const failed = tried.filter((one) => outcomeOf(one) === 'failed')
  const groups = groupBy(failed, ({ module, outcome }) => `${module.root}\0${wordsOf(outcome)}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    return first ? [describe(place, first, group, names)] : []
  })
}

function describe(
  place: TriedIn,
  tried: Tried,
  group: readonly Tried[],
  names: ReadonlySet<string>,
): Finding {
  const { module, outcome } = tried
  const { layer, runtime } = place
  const { file } = module
  const more = group.length > 1 ? ` and ${group.length - 1} more of ${module.root}` : ''
  const { severity, why = '', remedy = '' } = judge(place, tried, names)
  const production = severity === undefined ? productionOf(outcome) : undefined
  return finding('import-failed', {
    ...(severity && { severity }),
    file,
    reason: `import ${module.module}${more}${packageLabel(layer, file)} in ${runtime.name}: ${wordsOf(outcome)}${why}`,
    remedy,
    ...(production !== undefined && { production }),
    details: {
      runtime: runtime.name,
      modules: group.map((one) => one.module.module),
      ...(outcome?.error && {
        errorType: outcome.error.type,
        errorMessage: outcome.error.message,
        stackTrace: outcome.error.trace,
      }),
      ...(outcome?.died !== undefined && { ended: outcome.died }),
      ...(outcome?.late !== undefined && { seconds: outcome.late }),
    },
  })
}

/** How grave a failure is when it is no error, and what is said besides the words of Python. */
interface Judgement {
  severity?: 'warning' | 'info'
  why?: string
  remedy?: string
}

function judge(place: TriedIn, { module, outcome }: Tried, names: ReadonlySet<string>): Judgement {
  const { layer, runtime, isStandIn } = place
  const { message = '', causes = [], missing } = outcome?.error ?? {}
  const absent = missing && !names.has(topOf(missing)) ? topOf(missing) : undefined
  const library = MISSING_LIBRARY.exec([message, ...causes].join('\n'))?.[1] ?? ''
  if (isStandIn && (RUNTIME_MODULES.has(absent ?? '') || isOfRuntime(place, library)))
    return { severity: 'warning', why: ' (the managed runtime has it, the image does not)' }
  if (absent !== undefined && module.module !== module.root)
    return {
      severity: 'info',
      why: ' (not in the layer; the package loads without it)',
      remedy: `Add ${absent} to the layer if the function uses ${module.module}.`,
    }
  if (absent !== undefined)
    return { remedy: `Add what brings ${absent} to the requirements, or to the function's own code.` }
  if (COMPILED.test(message))
    return { remedy: `A compiled file does not fit; ${advice(layer, module.file, { runtime })}.` }
  return {}
}

function isOfRuntime({ layer, runtime }: TriedIn, library: string): boolean {
  const certainty = runtimeLibraries(runtime, layer.arch).get(library)
  return certainty !== undefined && certainty !== 'unsure'
}

/** The very words of Python, or how it ended. */
function wordsOf(outcome: ImportOutcome | undefined): string {
  if (outcome?.error) return `${outcome.error.type}: ${inOneLine(outcome.error.message)}`
  if (outcome?.late !== undefined) return `it was not loaded within ${outcome.late} s.`
  const by = outcome?.died ?? 0
  const name = Object.entries(constants.signals).find(([, number]) => number === by)?.[0]
  return by > 0 ? `Python was ended by ${name ?? `signal ${by}`}.` : `it ended Python with exit code ${-by}.`
}

/** As Lambda's log would have it. */
function productionOf(outcome: ImportOutcome | undefined): string | undefined {
  if (outcome?.error)
    return outcome.error.isImport
      ? `Runtime.ImportModuleError: Unable to import module 'app': ${inOneLine(outcome.error.message)}`
      : `${outcome.error.type}: ${inOneLine(outcome.error.message)}`
  if (outcome?.late !== undefined) return undefined
  const by = outcome?.died ?? 0
  return by > 0
    ? `Runtime.ExitError: Runtime exited with error: signal: ${by}`
    : `Runtime.ExitError: Runtime exited with error: exit status ${-by}`
}

/** Some messages are pages; as they are they stand in the details. */
function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

function topOf(module: string): string {
  return module.split('.', 1)[0] ?? module
}
