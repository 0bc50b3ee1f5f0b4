import type { Architecture } from '../architectures.ts'
import { runTool } from '../resolve/run-tool.ts'

/** A program that can strip files of an architecture. */
export interface StripProgram {
  path: string
  /** As it calls itself. */
  version: string
}

/** Node's names of the processors whose own `strip` can do an architecture. */
const OWN: Readonly<Record<Architecture['name'], NodeJS.Architecture>> = { arm64: 'arm64', x86_64: 'x64' }

export interface FindStripOptions {
  environment: Readonly<Record<string, string | undefined>>
  signal?: AbortSignal | undefined
  /** What this machine is; tests say another. */
  machine?: { platform: NodeJS.Platform; arch: NodeJS.Architecture }
}

/**
 * Finds a program that strips files of an architecture: the system's own where the processor is the same (binutils are made for one),
 * that of a cross toolchain, or LLVM's, which can do all.
 * @returns `undefined` when there is none
 * @throws {InterruptedError}
 */
export async function findStrip(
  arch: Architecture,
  { environment, signal, machine = process }: FindStripOptions,
): Promise<StripProgram | undefined> {
  const isOwn = machine.platform === 'linux' && machine.arch === OWN[arch.name]
  for (const path of [...(isOwn ? ['strip'] : []), `${arch.triplet}-strip`, 'llvm-strip']) {
    const { code, stdout } = await runTool(path, ['--version'], { environment, signal })
    if (code === 0) return { path, version: stdout.split('\n', 1)[0]?.trim() ?? '' }
  }
  return undefined
}
