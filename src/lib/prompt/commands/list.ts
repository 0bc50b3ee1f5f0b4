import { serverVersionNumber } from '../../postgres/server-version.ts'
import {
  databaseList,
  extensionList,
  functionList,
  relationList,
  roleList,
  schemaList,
  type CatalogList,
  type ListRequest,
} from '../catalog/lists.ts'
import { parsePattern, type NamePattern } from '../catalog/pattern.ts'
import { KINDS_OF_LETTER } from '../catalog/relation-kinds.ts'
import { printRows } from '../result-printer.ts'
import { visible } from '../visible-text.ts'
import { readText, type CommandContext, type Invocation, type PromptHandler } from './command.ts'

/** A name of a command that lists relations: `dt`, `dv`, `dti` …; `S` and `+` are taken away before. */
const RELATION_LIST = /^d([tvmisE]+)$/

/** Splits `dt+` and `dS+` into the command and what is wanted besides. */
export function splitName(name: string): { base: string; system: boolean; verbose: boolean } {
  const [, base = name, flags = ''] = /^(.*?)([S+]*)$/.exec(name) ?? []
  return { base, system: flags.includes('S'), verbose: flags.includes('+') }
}

/** `server_version_num` of the present connection. */
export function versionOf({ session }: CommandContext): number {
  return serverVersionNumber(session.connection.parameters)
}

/** The patterns that a command was given. */
export async function readPattern(invocation: Invocation): Promise<NamePattern | undefined> {
  const text = await readText(invocation)
  return text === undefined ? undefined : parsePattern(text)
}

const LISTS: Readonly<Record<string, (request: ListRequest) => CatalogList>> = {
  df: functionList,
  dn: schemaList,
  dg: roleList,
  du: roleList,
  dx: extensionList,
  l: databaseList,
  list: databaseList,
}

/** The kinds that letters such as `tv` ask for, as SQL lists them. */
function kindsOf(letters: string): string {
  return letters
    .split('')
    .map((letter) => KINDS_OF_LETTER[letter])
    .join(', ')
}

function listOf(base: string): ((request: ListRequest) => CatalogList) | undefined {
  const letters = RELATION_LIST.exec(base)?.[1]
  if (letters !== undefined) return (request) => relationList(kindsOf(letters), request)
  return Object.hasOwn(LISTS, base) ? LISTS[base] : undefined
}

/** The handler of a command that lists objects, or `undefined` if the name is none. */
export function listHandler(name: string): PromptHandler | undefined {
  const { base, system, verbose } = splitName(name)
  const list = listOf(base)
  if (!list) return undefined
  return async (invocation) => {
    const pattern = await readPattern(invocation)
    const { context } = invocation
    return () => showList(list({ pattern, system, verbose, version: versionOf(context) }), pattern, context)
  }
}

/** Runs a list's query and shows what it finds. */
export async function showList(
  { title, sql }: CatalogList,
  pattern: NamePattern | undefined,
  context: CommandContext,
): Promise<void> {
  const [result] = await context.session.catalog([sql])
  if (result && result.rows.length > 0) await printRows(result, context, { title, nullText: '' })
  else sayNothingFound(title, pattern, context)
}

/** `Did not find any relations.`, `Did not find any roles named "x".` */
export function sayNothingFound(
  title: string,
  pattern: NamePattern | undefined,
  { output }: CommandContext,
): void {
  const what = title.replace(/^List of /, '')
  output.say(`Did not find any ${what}${pattern ? ` named "${visible(pattern.text)}"` : ''}.\n`)
}
