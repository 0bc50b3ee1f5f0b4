import { quoteLiteral } from '../../postgres/query.ts'
import { patternCondition, type NamePattern } from './pattern.ts'
import { RELATION_KINDS } from './relation-kinds.ts'

/** What a list command asks for besides the kind of object. */
export interface ListRequest {
  pattern: NamePattern | undefined
  /** `S`: also what belongs to the system. */
  system: boolean
  /** `+`: more columns. */
  verbose: boolean
  /** `server_version_num`. */
  version: number
}

/** A list: its title, and the query behind it. */
export interface CatalogList {
  title: string
  sql: string
}

/** Owner of the extension, schema … by its identifier. */
const OWNER = (column: string) => `pg_catalog.pg_get_userbyid(${column}) AS "Owner"`

/** Without a pattern the system's own objects are left out. */
function withoutSystem({ pattern, system }: ListRequest): string {
  if (system || pattern) return ''
  return `
  AND n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_toast'`
}

/** `\d`, `\dt`, `\dv`, `\di`, `\ds` …: relations of the given kinds (`'r', 'p'`). */
export function relationList(kinds: string, request: ListRequest): CatalogList {
  const words = Object.entries(RELATION_KINDS).map(([kind, word]) => `WHEN '${kind}' THEN '${word}'`)
  const table = /i/i.test(kinds) ? `,\n  t.relname AS "Table"` : ''
  const more = request.verbose
    ? `,\n  CASE c.relpersistence WHEN 'p' THEN 'permanent' WHEN 't' THEN 'temporary' ELSE 'unlogged' END AS "Persistence",
  pg_catalog.pg_size_pretty(pg_catalog.pg_table_size(c.oid)) AS "Size",
  pg_catalog.obj_description(c.oid, 'pg_class') AS "Description"`
    : ''
  return {
    title: 'List of relations',
    sql: `SELECT n.nspname AS "Schema", c.relname AS "Name",
  CASE c.relkind ${words.join(' ')} END AS "Type",
  ${OWNER('c.relowner')}${table}${more}
FROM pg_catalog.pg_class c
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
  LEFT JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
WHERE c.relkind IN (${kinds})${withoutSystem(request)}${
      request.pattern ? '' : '\n  AND pg_catalog.pg_table_is_visible(c.oid)'
    }${patternCondition(request.pattern, {
      schema: 'n.nspname',
      name: 'c.relname',
      visible: 'pg_catalog.pg_table_is_visible(c.oid)',
    })}
ORDER BY 1, 2`,
  }
}

/** `\df`: functions, procedures, aggregates. */
export function functionList(request: ListRequest): CatalogList {
  const kind =
    request.version >= 110_000
      ? `CASE p.prokind WHEN 'a' THEN 'agg' WHEN 'w' THEN 'window' WHEN 'p' THEN 'proc' ELSE 'func' END`
      : `CASE WHEN p.proisagg THEN 'agg' WHEN p.proiswindow THEN 'window'
    WHEN p.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype THEN 'trigger' ELSE 'normal' END`
  const more = request.verbose
    ? `,\n  ${OWNER('p.proowner')}, l.lanname AS "Language",
  pg_catalog.obj_description(p.oid, 'pg_proc') AS "Description"`
    : ''
  return {
    title: 'List of functions',
    sql: `SELECT n.nspname AS "Schema", p.proname AS "Name",
  pg_catalog.pg_get_function_result(p.oid) AS "Result data type",
  pg_catalog.pg_get_function_arguments(p.oid) AS "Argument data types",
  ${kind} AS "Type"${more}
FROM pg_catalog.pg_proc p
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  LEFT JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE true${withoutSystem(request)}${
      request.pattern ? '' : '\n  AND pg_catalog.pg_function_is_visible(p.oid)'
    }${patternCondition(request.pattern, {
      schema: 'n.nspname',
      name: 'p.proname',
      visible: 'pg_catalog.pg_function_is_visible(p.oid)',
    })}
ORDER BY 1, 2, 4`,
  }
}

/** `\dn`: schemas. */
export function schemaList(request: ListRequest): CatalogList {
  const more = request.verbose
    ? `,\n  pg_catalog.array_to_string(n.nspacl, E'\\n') AS "Access privileges",
  pg_catalog.obj_description(n.oid, 'pg_namespace') AS "Description"`
    : ''
  const hidden =
    request.system || request.pattern
      ? ''
      : `\n  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`
  return {
    title: 'List of schemas',
    sql: `SELECT n.nspname AS "Name", ${OWNER('n.nspowner')}${more}
FROM pg_catalog.pg_namespace n
WHERE true${hidden}${patternCondition(request.pattern, { name: 'n.nspname' })}
ORDER BY 1`,
  }
}

/** The attributes of a role that are worth a word, in psql's order. */
const ROLE_ATTRIBUTES: readonly [string, string][] = [
  ['r.rolsuper', `'Superuser'`],
  ['NOT r.rolinherit', `'No inheritance'`],
  ['r.rolcreaterole', `'Create role'`],
  ['r.rolcreatedb', `'Create DB'`],
  ['NOT r.rolcanlogin', `'Cannot login'`],
  ['r.rolreplication', `'Replication'`],
  ['r.rolbypassrls', `'Bypass RLS'`],
  ['r.rolconnlimit = 0', `'No connections'`],
  ['r.rolconnlimit > 0', `r.rolconnlimit || ' connections'`],
  ['r.rolvaliduntil IS NOT NULL', `'Password valid until ' || r.rolvaliduntil`],
]

/** `\du`: roles. */
export function roleList(request: ListRequest): CatalogList {
  const attributes = ROLE_ATTRIBUTES.map(([condition, text]) => `CASE WHEN ${condition} THEN ${text} END`)
  const more = request.verbose ? `,\n  pg_catalog.shobj_description(r.oid, 'pg_authid') AS "Description"` : ''
  const hidden = request.system || request.pattern ? '' : `\n  AND r.rolname !~ '^pg_'`
  return {
    title: 'List of roles',
    sql: `SELECT r.rolname AS "Role name",
  pg_catalog.concat_ws(', ', ${attributes.join(',\n    ')}) AS "Attributes",
  ARRAY(SELECT g.rolname FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
    WHERE m.member = r.oid ORDER BY 1) AS "Member of"${more}
FROM pg_catalog.pg_roles r
WHERE true${hidden}${patternCondition(request.pattern, { name: 'r.rolname' })}
ORDER BY 1`,
  }
}

/** `\dx`: extensions. */
export function extensionList(request: ListRequest): CatalogList {
  return {
    title: 'List of installed extensions',
    sql: `SELECT e.extname AS "Name", e.extversion AS "Version", n.nspname AS "Schema",
  pg_catalog.obj_description(e.oid, 'pg_extension') AS "Description"
FROM pg_catalog.pg_extension e
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE true${patternCondition(request.pattern, { name: 'e.extname' })}
ORDER BY 1`,
  }
}

/** `\l`: databases. */
export function databaseList(request: ListRequest): CatalogList {
  const more = request.verbose
    ? `,\n  CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT')
    THEN pg_catalog.pg_size_pretty(pg_catalog.pg_database_size(d.oid)) ELSE ${quoteLiteral('No Access')} END AS "Size",
  pg_catalog.shobj_description(d.oid, 'pg_database') AS "Description"`
    : ''
  return {
    title: 'List of databases',
    sql: `SELECT d.datname AS "Name", ${OWNER('d.datdba')},
  pg_catalog.pg_encoding_to_char(d.encoding) AS "Encoding", d.datcollate AS "Collate", d.datctype AS "Ctype",
  pg_catalog.array_to_string(d.datacl, E'\\n') AS "Access privileges"${more}
FROM pg_catalog.pg_database d
WHERE true${patternCondition(request.pattern, { name: 'd.datname' })}
ORDER BY 1`,
  }
}
