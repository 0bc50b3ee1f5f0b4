import type { QueryResult } from '../../postgres/query.ts'
import { columnsQuery, sequenceQuery, type Relation } from '../catalog/relation-columns.ts'
import { relationList } from '../catalog/lists.ts'
import { patternCondition, type NamePattern } from '../catalog/pattern.ts'
import { DESCRIBED_KINDS, LISTED_KINDS, RELATION_KINDS } from '../catalog/relation-kinds.ts'
import { relationNotes, type RelationNote } from '../catalog/relation-notes.ts'
import { printRows } from '../result-printer.ts'
import { visibleLines } from '../visible-text.ts'
import type { CommandContext, PromptHandler } from './command.ts'
import { readPattern, sayNothingFound, showList, splitName, versionOf } from './list.ts'

/** psql's indent of the lines below a heading. */
const INDENT = '    '

/** `\d NAME`: columns and all that belongs to a relation; without a name the list of relations. */
export const describe: PromptHandler = async (invocation) => {
  const { context, name } = invocation
  const pattern = await readPattern(invocation)
  const { system, verbose } = splitName(name)
  if (pattern === undefined)
    return () => {
      const request = { pattern, system, verbose, version: versionOf(context) }
      return showList(relationList(LISTED_KINDS, request), pattern, context)
    }
  return async () => {
    const [found] = await context.session.catalog([findQuery(pattern)])
    const relations = (found?.rows ?? []).map(toRelation)
    if (relations.length === 0) return sayNothingFound('List of relations', pattern, context)
    for (const relation of relations) {
      if (context.stopped()) return
      await describeRelation(relation, context, verbose)
    }
  }
}

/** The query for the relations that a pattern means. */
function findQuery(pattern: NamePattern): string {
  return `SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence
FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN (${DESCRIBED_KINDS})${patternCondition(pattern, {
    schema: 'n.nspname',
    name: 'c.relname',
    visible: 'pg_catalog.pg_table_is_visible(c.oid)',
  })}
ORDER BY 2, 3`
}

function toRelation([oid, schema, name, kind, persistence]: QueryResult['rows'][number]): Relation {
  return {
    oid: oid ?? '',
    schema: schema ?? '',
    name: name ?? '',
    kind: kind ?? '',
    persistence: persistence ?? '',
  }
}

async function describeRelation(
  relation: Relation,
  context: CommandContext,
  verbose: boolean,
): Promise<void> {
  const version = versionOf(context)
  const notes = relationNotes(relation, version)
  const main = relation.kind === 'S' ? sequenceQuery(relation) : columnsQuery(relation, version, verbose)
  const [columns, ...lines] = await context.session.catalog([main, ...notes.map(({ sql }) => sql)])
  if (!columns) return
  await printRows(columns, context, {
    title: titleOf(relation),
    footer: notes.flatMap((note, index) => noteLines(note, lines[index]?.rows ?? [])),
    tableOnly: true,
    nullText: '',
  })
}

/** `Table "public.users"`, `Unlogged table "public.cache"` */
function titleOf({ kind, persistence, schema, name }: Relation): string {
  const what = RELATION_KINDS[kind] ?? 'relation'
  const words = persistence === 'u' ? `unlogged ${what}` : what
  return `${words.charAt(0).toUpperCase()}${words.slice(1)} "${schema}.${name}"`
}

function noteLines({ heading }: RelationNote, rows: QueryResult['rows']): string[] {
  const lines = rows.flatMap(([line]) => (line === null || line === undefined ? [] : [visibleLines(line)]))
  if (lines.length === 0) return []
  return heading === undefined ? lines : [heading, ...lines.map((line) => `${INDENT}${line}`)]
}
