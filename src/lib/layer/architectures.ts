import { UsageError } from '../errors.ts'
import type { Runtime } from './runtimes.ts'

/** Lambda's name of an architecture. */
export type ArchitectureName = 'arm64' | 'x86_64'

/** A processor architecture under all the names that it has. */
export interface Architecture {
  name: ArchitectureName
  /** `e_machine` of its ELF files (System V ABI: EM_X86_64, EM_AARCH64). */
  elfMachine: number
  /** Docker's name. */
  platform: 'linux/arm64' | 'linux/amd64'
  /** The name in the platform tags of wheels, which is also `platform_machine` in markers. */
  wheel: 'aarch64' | 'x86_64'
  /** The oldest glibc 2.N that manylinux knows on it: where its list of platform tags ends (PEP 600, PEP 599, PEP 513). */
  oldestGlibc: number
  /** The dynamic loader, which extensions may name as a needed library. */
  loader: string
  /** How Python calls it in the names of extension modules. */
  triplet: 'aarch64-linux-gnu' | 'x86_64-linux-gnu'
}

/** The architectures that functions run on; the first is the one when nobody says otherwise. */
export const ARCHITECTURES: readonly [Architecture, ...Architecture[]] = [
  {
    name: 'arm64',
    elfMachine: 183,
    platform: 'linux/arm64',
    wheel: 'aarch64',
    oldestGlibc: 17,
    loader: 'ld-linux-aarch64.so.1',
    triplet: 'aarch64-linux-gnu',
  },
  {
    name: 'x86_64',
    elfMachine: 62,
    platform: 'linux/amd64',
    wheel: 'x86_64',
    oldestGlibc: 5,
    loader: 'ld-linux-x86-64.so.2',
    triplet: 'x86_64-linux-gnu',
  },
]

/** Docker's names without the system: people write these as well. */
const ALIASES: Readonly<Record<string, ArchitectureName>> = { aarch64: 'arm64', amd64: 'x86_64' }

/**
 * Finds an architecture by Lambda's name, or by what Python or Docker call it.
 * @throws {UsageError} `UNKNOWN_ARCHITECTURE`
 */
export function findArchitecture(name: string): Architecture {
  const wanted = ALIASES[name] ?? name
  const architecture = ARCHITECTURES.find((one) => one.name === wanted)
  if (architecture) return architecture
  throw new UsageError(`Lambda has no architecture "${name}".`, {
    code: 'UNKNOWN_ARCHITECTURE',
    hint: `It has ${ARCHITECTURES.map((one) => one.name).join(' and ')}.`,
    details: { architecture: name },
  })
}

/** How the file of an extension module ends that was made for just this Python: `.cpython-313-aarch64-linux-gnu.so`. */
export function extensionSuffix({ python }: Pick<Runtime, 'python'>, { triplet }: Architecture): string {
  return `.cpython-${python.replace('.', '')}-${triplet}.so`
}
