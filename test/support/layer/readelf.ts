import { execFileSync } from 'node:child_process'
import type { ElfFile, ElfType, VersionDefinition, VersionNeed } from '../../../src/lib/layer/elf/elf-file.ts'

/** What is missing to take readelf as the measure; `undefined` when nothing is. */
export function missingReadelf(): string | undefined {
  try {
    execFileSync('readelf', ['--version'], { stdio: 'pipe' })
    return undefined
  } catch {
    return 'there is no readelf (Debian: apt install binutils)'
  }
}

/** What readelf calls the machines that the wheels are for. */
const MACHINES: Readonly<Record<string, number>> = { 'Advanced Micro Devices X86-64': 62, AArch64: 183 }

const TYPES: Readonly<Record<string, ElfType>> = { REL: 'relocatable', EXEC: 'executable', DYN: 'shared' }

/** What readelf says of files, in the shape in which we say it. They are two or more: it tells their names only then. */
export function readelf(paths: readonly string[]): ElfFile[] {
  const text = execFileSync('readelf', ['-h', '-l', '-d', '-V', '-W', ...paths], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return text
    .split(/^File: .*$/m)
    .slice(1)
    .map(describe)
}

function describe(text: string): ElfFile {
  const header = (name: string) => new RegExp(`^ +${name}: +(.*)$`, 'm').exec(text)?.[1] ?? ''
  const dynamic = (kind: string) =>
    [...text.matchAll(new RegExp(`\\(${kind}\\) .*\\[(.*)\\]$`, 'gm'))].map(([, value = '']) => value)
  return {
    bits: header('Class') === 'ELF64' ? 64 : 32,
    littleEndian: header('Data').includes('little'),
    machine: MACHINES[header('Machine')] ?? -1,
    type: TYPES[header('Type').split(' ')[0] ?? ''] ?? 'other',
    loadSegments: [...text.matchAll(/^ +LOAD +(\w+) (\w+) \w+ (\w+) (\w+) .{3} (\w+)$/gm)].map((found) => {
      const [offset = 0, address = 0, fileSize = 0, memorySize = 0, align = 0] = found.slice(1).map(Number)
      return { offset, address, fileSize, memorySize, align }
    }),
    dynamic: /^Dynamic section at offset/m.test(text),
    needed: dynamic('NEEDED'),
    soname: dynamic('SONAME')[0],
    rpath: dynamic('RPATH')[0],
    runpath: dynamic('RUNPATH')[0],
    interpreter: /\[Requesting program interpreter: (.*)\]/.exec(text)?.[1],
    versionNeeds: needsIn(text),
    versionDefinitions: definitionsIn(text),
  }
}

function needsIn(text: string): VersionNeed[] {
  const needs: VersionNeed[] = []
  for (const [, library, name, flags] of text.matchAll(
    /^ +\w+: (?:Version: 1 +File: (\S+) +Cnt: \d+|  Name: (\S+) +Flags: (.*?) +Version: \d+)$/gm,
  )) {
    if (library !== undefined) needs.push({ library, versions: [] })
    else needs.at(-1)?.versions.push({ name: name as string, weak: flags?.includes('WEAK') === true })
  }
  return needs
}

function definitionsIn(text: string): VersionDefinition[] {
  const definitions: VersionDefinition[] = []
  for (const [, flags, name, parent] of text.matchAll(
    /^ +\w+: (?:Rev: 1 +Flags: (.*?) +Index: \d+ +Cnt: \d+ +Name: (\S+)|Parent \d+: (\S+))$/gm,
  )) {
    if (parent !== undefined) definitions.at(-1)?.parents.push(parent)
    else definitions.push({ name: name as string, base: flags?.includes('BASE') === true, parents: [] })
  }
  return definitions
}
