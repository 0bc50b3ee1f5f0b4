import { type ElfBytes, invalidElf } from './elf-bytes.ts'
import type { Stretch } from './program-headers.ts'

/** What the dynamic section says, as far as names and versions are concerned. */
export interface DynamicSection {
  needed: string[]
  soname: string | undefined
  rpath: string | undefined
  runpath: string | undefined
  /** Where the list of needed versions is in the file, and how many libraries it names. */
  versionNeeds: VersionList | undefined
  versionDefinitions: VersionList | undefined
  /** A name in the section's table of strings. */
  text: (position: number) => string
}

/** Where a list of versions begins in the file, and how many entries it has. */
export interface VersionList {
  offset: number
  count: number
}

/** `d_tag`: System V ABI, "Dynamic Section"; the versions' from Solaris' Linker Guide, which glibc follows. */
const TAGS = {
  end: 0,
  needed: 1,
  strings: 5,
  stringsSize: 10,
  soname: 14,
  rpath: 15,
  runpath: 29,
  definitions: 0x6fff_fffc,
  definitionCount: 0x6fff_fffd,
  needs: 0x6fff_fffe,
  needCount: 0x6fff_ffff,
} as const

/** More than any linker writes: numpy's largest file has 40. */
const MOST_ENTRIES = 16_384

/**
 * Reads the dynamic section.
 * @param toOffset where in the file an address is
 * @throws {CruddurError} `ELF_INVALID`
 */
export function readDynamic(
  bytes: ElfBytes,
  section: Stretch,
  toOffset: (address: number) => number | undefined,
): DynamicSection {
  const { values, needed } = readEntries(bytes, section)
  const valueOf = (tag: number) => values.get(tag)
  const offsetOf = (tag: number, what: string): number | undefined => {
    const address = valueOf(tag)
    if (address === undefined) return undefined
    const offset = toOffset(address)
    if (offset === undefined) throw invalidElf(bytes.name, `its ${what} are in no segment`)
    return offset
  }
  const strings = offsetOf(TAGS.strings, 'names')
  const stringsSize = valueOf(TAGS.stringsSize) ?? 0
  const text = (position: number): string => {
    if (strings === undefined || position >= stringsSize)
      throw invalidElf(bytes.name, 'a name is not in its table of names')
    return bytes.text(strings + position, strings + stringsSize)
  }
  const textOf = (tag: number): string | undefined => {
    const position = valueOf(tag)
    return position === undefined ? undefined : text(position)
  }
  const listOf = (tag: number, countTag: number, what: string): VersionList | undefined => {
    const offset = offsetOf(tag, what)
    return offset === undefined ? undefined : { offset, count: valueOf(countTag) ?? 0 }
  }
  return {
    needed: needed.map(text),
    soname: textOf(TAGS.soname),
    rpath: textOf(TAGS.rpath),
    runpath: textOf(TAGS.runpath),
    versionNeeds: listOf(TAGS.needs, TAGS.needCount, 'needed versions'),
    versionDefinitions: listOf(TAGS.definitions, TAGS.definitionCount, 'versions'),
    text,
  }
}

/** Values by their tag, the last one of each as the loader takes it; of needed libraries there are several. */
function readEntries(bytes: ElfBytes, section: Stretch): { values: Map<number, number>; needed: number[] } {
  const word = bytes.bits / 8
  const count = Math.floor(section.size / (2 * word))
  if (count > MOST_ENTRIES) throw invalidElf(bytes.name, `its dynamic section has ${count} entries`)
  const values = new Map<number, number>()
  const needed: number[] = []
  for (let index = 0; index < count; index++) {
    const entry = section.offset + index * 2 * word
    const tag = bytes.word(entry)
    if (tag === TAGS.end) break
    const value = bytes.word(entry + word)
    if (tag === TAGS.needed) needed.push(value)
    else values.set(tag, value)
  }
  return { values, needed }
}
