import type { Relation } from './relation-columns.ts'

/** A part of what stands below a described relation: a query for its lines, and the heading above them. */
export interface RelationNote {
  /** Stands above the lines, which are then indented; without it each line stands for itself. */
  heading?: string
  /** Returns one column: the lines. */
  sql: string
}

/** `pg_constraint.conparentid` (since 11) tells a partition's copy of a constraint from the one it comes from. */
const COPIES_SINCE = 110_000

function indexNote({ oid }: Relation): RelationNote {
  return {
    heading: 'Indexes:',
    sql: `SELECT '"' || c.relname || '"' ||
  CASE WHEN k.contype = 'x' THEN ' ' || pg_catalog.pg_get_constraintdef(k.oid, true) ELSE
    CASE WHEN i.indisprimary THEN ' PRIMARY KEY,' WHEN k.contype = 'u' THEN ' UNIQUE CONSTRAINT,'
      WHEN i.indisunique THEN ' UNIQUE,' ELSE '' END || ' ' ||
    pg_catalog.regexp_replace(pg_catalog.pg_get_indexdef(i.indexrelid, 0, true), '^.*? USING ', '') ||
    CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END ||
    CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END END ||
  CASE WHEN i.indisclustered THEN ' CLUSTER' ELSE '' END ||
  CASE WHEN NOT i.indisvalid THEN ' INVALID' ELSE '' END ||
  CASE WHEN i.indisreplident THEN ' REPLICA IDENTITY' ELSE '' END AS line
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  LEFT JOIN pg_catalog.pg_constraint k
    ON k.conrelid = i.indrelid AND k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
WHERE i.indrelid = ${oid}
ORDER BY i.indisprimary DESC, c.relname`,
  }
}

function constraintNote({ oid }: Relation, type: 'c' | 'f', heading: string): RelationNote {
  return {
    heading,
    sql: `SELECT '"' || k.conname || '" ' || pg_catalog.pg_get_constraintdef(k.oid, true) AS line
FROM pg_catalog.pg_constraint k WHERE k.conrelid = ${oid} AND k.contype = '${type}' ORDER BY k.conname`,
  }
}

function referencedNote({ oid }: Relation, version: number): RelationNote {
  return {
    heading: 'Referenced by:',
    sql: `SELECT 'TABLE "' || k.conrelid::pg_catalog.regclass::text || '" CONSTRAINT "' || k.conname || '" ' ||
  pg_catalog.pg_get_constraintdef(k.oid, true) AS line
FROM pg_catalog.pg_constraint k
WHERE k.confrelid = ${oid} AND k.contype = 'f'${version >= COPIES_SINCE ? ' AND k.conparentid = 0' : ''}
ORDER BY k.conrelid::pg_catalog.regclass::text, k.conname`,
  }
}

/** When the triggers of a table fire (`pg_trigger.tgenabled`), and psql's headings for it. */
const TRIGGER_HEADINGS: readonly [string, string][] = [
  ['O', 'Triggers:'],
  ['D', 'Disabled user triggers:'],
  ['A', 'Triggers firing always:'],
  ['R', 'Triggers firing on replica only:'],
]

function triggerNotes({ oid }: Relation): RelationNote[] {
  return TRIGGER_HEADINGS.map(([enabled, heading]) => ({
    heading,
    sql: `SELECT pg_catalog.regexp_replace(pg_catalog.pg_get_triggerdef(t.oid, true), '^.*? TRIGGER ', '') AS line
FROM pg_catalog.pg_trigger t
WHERE t.tgrelid = ${oid} AND NOT t.tgisinternal AND t.tgenabled = '${enabled}' ORDER BY t.tgname`,
  }))
}

/** What a partition is part of, and how a partitioned table is divided. */
function partitionNotes({ oid }: Relation): RelationNote[] {
  return [
    {
      sql: `SELECT 'Partition of: ' || h.inhparent::pg_catalog.regclass::text || ' ' ||
  pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS line
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid
WHERE c.oid = ${oid} AND c.relispartition`,
    },
    {
      sql: `SELECT 'Partition key: ' || pg_catalog.pg_get_partkeydef(c.oid) AS line
FROM pg_catalog.pg_class c WHERE c.oid = ${oid} AND c.relkind = 'p'`,
    },
  ]
}

/** What a table inherits from, and how many inherit from it. */
function heirNotes({ oid }: Relation): RelationNote[] {
  const children = `(SELECT pg_catalog.count(*) FROM pg_catalog.pg_inherits h WHERE h.inhparent = c.oid)`
  return [
    {
      sql: `SELECT 'Inherits: ' ||
  pg_catalog.string_agg(h.inhparent::pg_catalog.regclass::text, ', ' ORDER BY h.inhseqno) AS line
FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid
WHERE c.oid = ${oid} AND NOT c.relispartition AND c.relkind IN ('r', 'f') HAVING pg_catalog.count(*) > 0`,
    },
    {
      sql: `SELECT CASE c.relkind WHEN 'p' THEN 'Number of partitions: ' ELSE 'Number of child tables: ' END ||
  ${children} AS line
FROM pg_catalog.pg_class c
WHERE c.oid = ${oid} AND c.relkind IN ('r', 'p', 'f') AND (c.relkind = 'p' OR ${children} > 0)`,
    },
  ]
}

function viewNote({ oid }: Relation): RelationNote {
  return {
    sql: `SELECT E'View definition:\\n' || pg_catalog.pg_get_viewdef(${oid}::pg_catalog.oid, true) AS line`,
  }
}

function indexKindNote({ oid }: Relation): RelationNote {
  return {
    sql: `SELECT CASE WHEN i.indisprimary THEN 'primary key, ' WHEN i.indisunique THEN 'unique, ' ELSE '' END ||
  m.amname || ', for table "' || i.indrelid::pg_catalog.regclass::text || '"' ||
  coalesce(', predicate (' || pg_catalog.pg_get_expr(i.indpred, i.indrelid, true) || ')', '') ||
  CASE WHEN i.indisclustered THEN ', clustered' ELSE '' END ||
  CASE WHEN NOT i.indisvalid THEN ', invalid' ELSE '' END AS line
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_am m ON m.oid = c.relam
WHERE i.indexrelid = ${oid}`,
  }
}

function ownerNote({ oid }: Relation): RelationNote {
  return {
    sql: `SELECT CASE d.deptype WHEN 'i' THEN 'Sequence for identity column: ' ELSE 'Owned by: ' END ||
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) || '.' ||
  pg_catalog.quote_ident(a.attname) AS line
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.refobjid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = ${oid}
  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')`,
  }
}

/** What stands below a relation of its kind, in psql's order. */
export function relationNotes(relation: Relation, version: number): RelationNote[] {
  switch (relation.kind) {
    case 'i':
    case 'I':
      return [indexKindNote(relation)]
    case 'S':
      return [ownerNote(relation)]
    case 'v':
      return [viewNote(relation), ...triggerNotes(relation)]
    case 'm':
      return [indexNote(relation), viewNote(relation)]
    case 'c':
    case 't':
      return []
    default:
      return [
        ...partitionNotes(relation),
        indexNote(relation),
        constraintNote(relation, 'c', 'Check constraints:'),
        constraintNote(relation, 'f', 'Foreign-key constraints:'),
        referencedNote(relation, version),
        ...triggerNotes(relation),
        ...heirNotes(relation),
      ]
  }
}
