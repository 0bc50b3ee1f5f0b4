import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FileRequirement } from '../python/requirements-file.ts'
import type { IndexSettings } from './index-client.ts'
import type { RequirementInputs } from './inputs.ts'
import type { Target } from './target.ts'

/** What uv and pip are asked. */
export interface PinQuestion {
  inputs: RequirementInputs
  index: IndexSettings
  target: Target
  /** What their processes get; never is a login an argument. */
  environment: Readonly<Record<string, string | undefined>>
  signal?: AbortSignal | undefined
}

/** Versions by the normalised name of the package. */
export type Pins = ReadonlyMap<string, string>

/**
 * Writes requirements where another program can read them, and nobody else; they are removed afterwards.
 * @param work gets the folder with `requirements.txt` and `constraints.txt`
 */
export async function withRequirementFiles<T>(
  { requirements, constraints }: RequirementInputs,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-resolve-'))
  try {
    await writeFile(join(folder, 'requirements.txt'), linesOf(requirements), { mode: 0o600 })
    await writeFile(join(folder, 'constraints.txt'), linesOf(constraints), { mode: 0o600 })
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function linesOf(all: readonly FileRequirement[]): string {
  return all.map(({ text }) => `${text}\n`).join('')
}
