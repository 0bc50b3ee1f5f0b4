import { existsSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { UsageError } from '../errors.ts'
import type { Settings } from '../config/settings.ts'
import type { LoadResult, ScriptOptions } from '../script/load-script.ts'
import type { ScriptInput } from '../script/script-set.ts'
import { requireReadable } from '../script/source.ts'
import type { SetupResult } from '../setup/setup-database.ts'
import { formatDuration } from '../duration.ts'
import { parseVariables } from './flags.ts'
import { count, formatBytes } from './format.ts'

/** The flags of `scriptFlags`, as parsed. */
export interface ScriptFlagValues {
  'no-transaction'?: boolean | undefined
  set?: string[] | undefined
  'allow-programs'?: boolean | undefined
}

/** How the flags want scripts to be loaded. */
export function scriptOptions(flags: ScriptFlagValues, settings: Settings): ScriptOptions {
  return {
    directory: settings.directory,
    transaction: flags['no-transaction'] ? 'none' : 'single',
    variables: parseVariables(flags.set),
    allowPrograms: flags['allow-programs'] ?? false,
    environment: settings.environment,
  }
}

/**
 * The scripts to load: those given (`-` is standard input), else the project's own, found from any folder below it.
 * @param path of the project's own script, e.g. `db/schema.sql`
 * @throws {UsageError} `SCRIPT_NOT_READABLE` when what was given is not there, or neither is
 */
export function chooseScripts(
  files: readonly string[] | undefined,
  path: string,
  settings: Settings,
): ScriptInput[] {
  if (files && files.length > 0)
    return files.map((file) =>
      file === '-' ? { name: '<stdin>', stream: process.stdin } : given(file, settings),
    )
  const own = join(settings.projectRoot, path)
  if (existsSync(own)) return [shortest(own, settings.directory)]
  throw new UsageError(`There is no ${path} in ${settings.projectRoot}.`, {
    code: 'SCRIPT_NOT_READABLE',
    hint: 'Write it, or name another script with --file.',
    details: { file: own },
  })
}

/** A script that was named must be there before anything, such as a server, is started for it. */
function given(file: string, { directory }: Settings): string {
  requireReadable(isAbsolute(file) ? file : join(directory, file), file)
  return file
}

/** The scripts of a setup: those given, else the project's own. A project may go without a seed, not without a schema. */
export function ownScripts(
  flags: { schema?: string[] | undefined; seed?: string[] | undefined },
  settings: Settings,
): { schema: ScriptInput[]; seed: ScriptInput[] } {
  const hasSeed = flags.seed || existsSync(join(settings.projectRoot, 'db/seed.sql'))
  return {
    schema: chooseScripts(flags.schema, 'db/schema.sql', settings),
    seed: hasSeed ? chooseScripts(flags.seed, 'db/seed.sql', settings) : [],
  }
}

/** The path as people would write it from where they are. */
function shortest(path: string, directory: string): string {
  const fromHere = relative(directory, path)
  return isAbsolute(fromHere) || fromHere.length > path.length ? path : fromHere
}

/** What a setup did, in one line or two. */
export function describeSetup(result: SetupResult): string {
  const { schema, seed, database, ms } = result
  if (result.cached)
    return `Set up "${database}" as a copy of the one that was kept (nothing has changed; --no-cache loads again), in ${formatDuration(ms)}.`
  const parts = [schema && `schema: ${describeLoad(schema)}`, seed && `seed: ${describeLoad(seed)}`].filter(
    Boolean,
  )
  const note =
    result.notCached && result.notCached !== 'it was asked for without'
      ? `\nNo copy was kept for the next time: ${result.notCached}.`
      : ''
  return `Set up "${database}"${result.production ? ' (production)' : ''} in ${formatDuration(ms)}; ${parts.join('; ')}.${note}`
}

/** One line about what was loaded. */
export function describeLoad(result: LoadResult): string {
  const tolerated =
    result.toleratedErrors > 0
      ? `, ${count(result.toleratedErrors, 'error')} ignored as the script wanted`
      : ''
  return `${count(result.statements, 'statement')} (${formatBytes(result.bytes)}) in ${formatDuration(result.ms)}${tolerated}`
}
