import { CruddurError } from '../../../errors.ts'
import type { Architecture } from '../../architectures.ts'
import type { Image } from '../../docker/image.ts'
import type { Runtime } from '../../runtimes.ts'
import type { Finding } from '../findings.ts'
import { type ModuleOutcome, outcomeOf, type Tried } from './import-findings.ts'
import type { ImporterStart } from './importer.ts'

/** The imports of a layer, tried in the image of a runtime. */
export interface ImportRun {
  /** Its name: `python3.13`. */
  runtime: string
  image: Pick<Image, 'reference' | 'id' | 'digest'>
  /** The image's glibc, `2.34`; empty where it has another C library. */
  glibc: string
  /** In the order in which they were tried. */
  modules: { module: string; outcome: ModuleOutcome }[]
  /** What the run does not prove, where the image is not known to be that of the managed runtime. */
  note?: string
}

/** What an import test has found. */
export interface ImportTestResult {
  runs: ImportRun[]
  findings: Finding[]
}

/** Where the imports were tried, and for what. */
interface Place {
  image: Image
  runtime: Runtime
}

/**
 * A label may say anything; and what loads in another Python proves nothing.
 * @throws {CruddurError} `IMAGE_WRONG_PYTHON`, `IMAGE_WRONG_ARCHITECTURE`
 */
export function requireRightImage(
  { image, runtime }: Place,
  arch: Architecture,
  { python, machine }: ImporterStart,
): void {
  const details = { image: image.reference, python, machine }
  if (python !== runtime.python)
    throw new CruddurError(
      `${image.reference} has Python ${python}; the layer is judged for ${runtime.name}.`,
      {
        code: 'IMAGE_WRONG_PYTHON',
        hint: `Judge it for that: --python ${python}; or name another image.`,
        details,
      },
    )
  if (machine !== arch.wheel)
    throw new CruddurError(
      `${image.reference} is said to be for ${arch.name}, and its programs are for ${machine}.`,
      {
        code: 'IMAGE_WRONG_ARCHITECTURE',
        hint: 'Name another image.',
        details,
      },
    )
}

/** Whether an image may differ from the managed runtime: it was made here, or its glibc is another. */
export function mayDiffer({ image, runtime }: Place, { glibc }: ImporterStart): boolean {
  return image.digest === undefined || glibc !== runtime.glibc.join('.')
}

/** What a run was like, and what it does not prove. */
export function importRun(place: Place, start: ImporterStart, tried: readonly Tried[]): ImportRun {
  const { reference, id, digest } = place.image
  return {
    runtime: place.runtime.name,
    image: { reference, id, digest },
    glibc: start.glibc,
    modules: tried.map((one) => ({ module: one.module.module, outcome: outcomeOf(one) })),
    ...(mayDiffer(place, start) && { note: describeDifference(place, start) }),
  }
}

function describeDifference({ image, runtime }: Place, { glibc }: ImporterStart): string {
  const made = image.digest === undefined ? 'an image that was made here' : 'an image'
  const has = glibc === '' ? 'has no glibc' : `has glibc ${glibc}`
  return `${image.reference} is ${made} and ${has}; ${runtime.name} has ${runtime.glibc.join('.')}. It proves imports and wiring; that glibc fits is proved by the symbol versions of the ELF files.`
}
