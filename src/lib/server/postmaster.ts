import { basename } from 'node:path'
import type { PidFile } from './pid-file.ts'
import { folderIdentity, processFacts, type ProcessFacts } from './process-table.ts'

/**
 * Whose the process in a `postmaster.pid` is:
 * - `ours`: the server of that data directory;
 * - `gone`: there is no such process;
 * - `zombie`: it has ended, but its number is still in use, and PostgreSQL would take it for alive;
 * - `foreign`: certainly another program, or the server of another folder;
 * - `unknown`: the system does not tell.
 */
export type Identity = 'ours' | 'gone' | 'zombie' | 'foreign' | 'unknown'

/** The value of `-D` on a server's command line. */
function dataOption(argv: readonly string[] | undefined): string | undefined {
  const index = argv?.indexOf('-D') ?? -1
  return index === -1 ? undefined : argv?.[index + 1]
}

/** A server's children call themselves `postgres: …`; the server keeps its command line. */
function isServerProgram({ argv, command }: ProcessFacts): boolean {
  const program = argv ? basename(argv[0] ?? '') : command
  return argv ? program === 'postgres' : /(^|\/)postgres( |$)/.test(program)
}

/** By the name on the command line, where the working folder is not told. */
async function identifyByCommand(facts: ProcessFacts, dataDirectory: string): Promise<Identity> {
  if (facts.argv === undefined) return facts.command.includes(` -D ${dataDirectory} -p `) ? 'ours' : 'unknown'
  const named = dataOption(facts.argv)
  const identity = named === undefined ? undefined : await folderIdentity(named)
  if (identity === undefined) return 'unknown'
  return identity === (await folderIdentity(dataDirectory)) ? 'ours' : 'foreign'
}

/**
 * Finds out whether the process that `postmaster.pid` names is the server of this very data directory. A process number
 * alone proves nothing: it may have been given to another program, or the folder may be a copy of another server's.
 * A server's working folder is its data directory, and goes along when that is moved.
 */
export async function identify({ pid }: PidFile, dataDirectory: string): Promise<Identity> {
  const facts = await processFacts(pid)
  if (facts === undefined) return 'gone'
  if (facts.zombie) return 'zombie'
  if (process.platform === 'win32') return 'unknown'
  if (!isServerProgram(facts)) return 'foreign'
  if (facts.folder === undefined) return identifyByCommand(facts, dataDirectory)
  return facts.folder === (await folderIdentity(dataDirectory)) ? 'ours' : 'foreign'
}
