import type { DynamicSection, VersionList } from './dynamic-section.ts'
import { type ElfBytes, invalidElf } from './elf-bytes.ts'
import type { VersionDefinition, VersionNeed } from './elf-file.ts'

// The structures of glibc's elf.h: Elfxx_Verneed, Vernaux, Verdef, Verdaux. They are the same for 32 and 64 bit. Each ends with
// the distance to the next one, which is 0 for the last.

/** Flags of a version: VER_FLG_BASE, VER_FLG_WEAK. */
const BASE = 1
const WEAK = 2

/** More versions than any library has; glibc's libc.so.6 defines some 50. */
const MOST_VERSIONS = 20_000

/**
 * The symbol versions that a file needs, by library.
 * @throws {CruddurError} `ELF_INVALID`
 */
export function readVersionNeeds(bytes: ElfBytes, dynamic: DynamicSection): VersionNeed[] {
  const budget = new Budget(bytes.name)
  return entriesOf(bytes, budget, dynamic.versionNeeds, 12).map((need) => ({
    library: dynamic.text(bytes.u32(need + 4)),
    versions: entriesOf(
      bytes,
      budget,
      { offset: need + bytes.u32(need + 8), count: bytes.u16(need + 2) },
      12,
    ).map((version) => ({
      name: dynamic.text(bytes.u32(version + 8)),
      weak: (bytes.u16(version + 4) & WEAK) !== 0,
    })),
  }))
}

/**
 * The symbol versions that a library defines.
 * @throws {CruddurError} `ELF_INVALID`
 */
export function readVersionDefinitions(bytes: ElfBytes, dynamic: DynamicSection): VersionDefinition[] {
  const budget = new Budget(bytes.name)
  return entriesOf(bytes, budget, dynamic.versionDefinitions, 16).map((definition) => {
    const names = { offset: definition + bytes.u32(definition + 12), count: bytes.u16(definition + 6) }
    const [name = '', ...parents] = entriesOf(bytes, budget, names, 4).map((one) =>
      dynamic.text(bytes.u32(one)),
    )
    return { name, base: (bytes.u16(definition + 2) & BASE) !== 0, parents }
  })
}

/** Counts the entries of a file: counts that multiply each other must not take for ever. */
class Budget {
  readonly #name: string
  #left = MOST_VERSIONS

  constructor(name: string) {
    this.#name = name
  }

  take(): void {
    this.#left -= 1
    if (this.#left < 0) throw invalidElf(this.#name, `it has more than ${MOST_VERSIONS} symbol versions`)
  }
}

/** Offsets of the entries of a list. `nextAt` is where in an entry the distance to the next one is. */
function entriesOf(bytes: ElfBytes, budget: Budget, list: VersionList | undefined, nextAt: number): number[] {
  const offsets: number[] = []
  let offset = list?.offset ?? 0
  for (let index = 0; index < (list?.count ?? 0); index++) {
    budget.take()
    offsets.push(offset)
    const distance = bytes.u32(offset + nextAt)
    if (distance === 0) break
    offset += distance
  }
  return offsets
}
