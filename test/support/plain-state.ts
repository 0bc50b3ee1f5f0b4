import { runSql } from './database.ts'

const OF_THE_USER = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"

/** Objects with their definitions, in words that every server since PostgreSQL 10 has. */
const CATALOG = `
SELECT 'schema' AS kind, nspname::text AS name, nspacl::text AS definition FROM pg_namespace n WHERE ${OF_THE_USER}
UNION ALL
SELECT 'relation', c.oid::regclass::text, concat_ws(' ', c.relkind, c.relowner::regrole, c.relacl, pg_get_viewdef(c.oid))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OF_THE_USER}
UNION ALL
SELECT 'column', c.oid::regclass || '.' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE ${OF_THE_USER} AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'constraint', o.conrelid::regclass || ' ' || o.conname, pg_get_constraintdef(o.oid)
FROM pg_constraint o JOIN pg_namespace n ON n.oid = o.connamespace WHERE ${OF_THE_USER}
UNION ALL
SELECT 'routine', p.oid::regprocedure::text, md5(p.prosrc) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE ${OF_THE_USER}
UNION ALL
SELECT 'type', format_type(t.oid, NULL), (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid)
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${OF_THE_USER} ORDER BY 1, 2, 3`

/** The rows of each table, as a checksum. */
const ROWS = `
SELECT c.oid::regclass::text AS name, md5(query_to_xml(format('SELECT t::text FROM ONLY %s t ORDER BY 1', c.oid::regclass), true, false, '')::text) AS sum
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OF_THE_USER} AND c.relkind IN ('r', 'm', 'S') ORDER BY 1`

/** What a database of an old server holds: less exact than its digest, which needs PostgreSQL 14. */
export async function plainStateOf(url: string): Promise<{ catalog: string[][]; rows: string[][] }> {
  const [catalog, rows] = [await runSql(url, CATALOG), await runSql(url, ROWS)]
  const texts = (list: typeof catalog) => list.map((row) => Object.values(row).map((value) => value ?? ''))
  return { catalog: texts(catalog), rows: texts(rows) }
}
