import type { Target } from '../target/connection-url.ts'
import { Interpreter } from './interpreter.ts'
import { locate, type Location } from './locate.ts'
import { Rehearsal, Unforeseeable } from './rehearsal.ts'
import { toScriptError } from './script-error.ts'
import { ScriptFailure } from './script-failure.ts'
import type { ScriptSet } from './script-set.ts'
import { Variables } from './variables.ts'

/** What is known of a load before anything is sent. */
export interface ScriptPlan {
  /** False if what is read depends on what the server answers: then there may be more to it. */
  complete: boolean
  /** Bytes on disk of all files that will be read, as far as known. */
  bytes: number
  files: string[]
  statements: number
  /** Where the scripts first begin, end or mark a transaction themselves. */
  ownTransaction: Location | undefined
  /** The first statement whose effect is not only in the database, e.g. `CREATE ROLE`. */
  beyondDatabase: string | undefined
  /** Variables of the environment that the scripts ask for, with their values. */
  environmentRead: Readonly<Record<string, string | null>>
}

export interface PlanOptions {
  target: Pick<Target, 'host' | 'port' | 'user' | 'database'>
  transaction: 'single' | 'none'
  variables: Readonly<Record<string, string>>
  directory: string
  environment: Readonly<Record<string, string | undefined>>
  allowPrograms: boolean
  /** Whether data files are read too, for their hash. */
  readData?: boolean
  signal?: AbortSignal | undefined
}

/**
 * Reads the scripts with all that they include, without sending anything, and finds what would stop them: a command
 * that is not supported, a program, a missing file, a statement that cannot run in a transaction.
 * @throws {ScriptError} at the first such place
 */
export async function planScripts(set: ScriptSet, options: PlanOptions): Promise<ScriptPlan> {
  const variables = new Variables(options.variables)
  const rehearsal = new Rehearsal({
    single: options.transaction === 'single',
    readData: options.readData ?? false,
    variables,
    known: {
      DBNAME: asBytes(options.target.database),
      HOST: asBytes(options.target.host),
      PORT: String(options.target.port),
      USER: asBytes(options.target.user),
    },
  })
  const interpreter = new Interpreter({
    session: rehearsal,
    variables,
    directory: options.directory,
    open: async (path, name) => set.hashed(await set.openScript(path, name)),
    openData: async (path, name) => set.hashed(await set.openData(path, name)),
    programs: options.allowPrograms ? unforeseeable : undefined,
    environment: options.environment,
    onProgress: undefined,
    onBytes: undefined,
    signal: options.signal,
  })
  const complete = await rehearse(interpreter, set, options)
  const { statements, ownTransaction, beyondDatabase } = rehearsal.findings
  const own = ownTransaction && (await locate(ownTransaction))
  return {
    complete,
    bytes: set.bytes,
    files: set.names,
    statements,
    ownTransaction: own && { file: own.file, line: own.line, column: own.column },
    beyondDatabase,
    environmentRead: interpreter.environmentRead,
  }
}

/** Returns false where the scripts go on in a way that cannot be known in advance. */
async function rehearse(interpreter: Interpreter, set: ScriptSet, options: PlanOptions): Promise<boolean> {
  try {
    for (const { file, folder } of set.scripts) await interpreter.run(set.hashed(file), folder)
    return true
  } catch (error) {
    if (error instanceof Unforeseeable) return false
    if (!(error instanceof ScriptFailure)) throw error
    // Where psql would stop only there, statements before it that are not in one transaction take effect.
    if (error.kind === 'command' && options.transaction === 'none') return false
    throw await toScriptError(error)
  }
}

/** What a program writes is not known before it has run. */
function unforeseeable(): AsyncIterable<Buffer> {
  throw new Unforeseeable()
}

function asBytes(text: string): string {
  return Buffer.from(text).toString('latin1')
}
