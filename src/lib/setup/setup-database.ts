import { InterruptedError } from '../errors.ts'
import { markStatement, createStatement } from '../postgres/create-database.ts'
import { connect } from '../postgres/connect.ts'
import type { Connection } from '../postgres/connection.ts'
import { readFacts, type DatabaseFacts } from '../postgres/database-facts.ts'
import { connectOptions, guard, type DatabaseVerbOptions } from '../postgres/database-verb.ts'
import { dropStatements, openDoor, sessionsConnected } from '../postgres/drop-database.ts'
import { besideDatabase } from '../postgres/maintenance.ts'
import { pipeline } from '../postgres/query.ts'
import { readSessions } from '../postgres/sessions.ts'
import { sqlError } from '../postgres/sql-errors.ts'
import { runStep } from '../progress.ts'
import {
  announce,
  loadPlanned,
  openScripts,
  planOptions,
  type LoadResult,
  type ScriptOptions,
} from '../script/load-script.ts'
import { planScripts, type ScriptPlan } from '../script/plan-scripts.ts'
import type { ScriptInput, ScriptSet } from '../script/script-set.ts'
import {
  cacheName,
  cloneStatement,
  findCached,
  notCopied,
  storeCached,
  type CachedDatabase,
  type CacheState,
} from './template-cache.ts'

export interface SetupOptions extends DatabaseVerbOptions, ScriptOptions {
  /** The scripts of the schema and of the seed, in order; none is fine. */
  schema: readonly ScriptInput[]
  seed: readonly ScriptInput[]
  /** Whether to end sessions that are in the database. */
  force?: boolean | undefined
  /** Whether the database is production: it gets the mark, and no copy of it is kept. */
  production?: boolean | undefined
  /** Whether a copy may be used and kept; true by default. */
  cache?: boolean | undefined
  /** Tells apart projects that share a server; their root folder will do. */
  project: string
}

export interface SetupResult {
  database: string
  /** Whether there was a database before. */
  dropped: boolean
  /** Whether it was copied from a cached one instead of being loaded. */
  cached: boolean
  /** Why no copy was kept or used, if so. */
  notCached: string | undefined
  schema: LoadResult | undefined
  seed: LoadResult | undefined
  production: boolean
  /** Milliseconds. */
  ms: number
}

/** A part of the setup: what is loaded, and what is known of it. */
interface Part {
  name: 'schema' | 'seed'
  set: ScriptSet
  plan: ScriptPlan
}

/**
 * Makes the target database anew: drop, create, load the schema, load the seed; stops at the first failure. With the
 * same scripts, options and server as the last time, it copies the database that was kept then, instead of loading.
 * @throws {ScriptError} where a script stops
 * @throws {CruddurError} `NOT_CONFIRMED`, `SESSIONS_CONNECTED`, those of `connect`, of `createDatabase` and of `loadScript`
 */
export async function setupDatabase(options: SetupOptions): Promise<SetupResult> {
  const started = performance.now()
  // The scripts are read while the connection is being made.
  const opening = openParts(options)
  opening.catch(() => undefined)
  try {
    const made = await besideDatabase(options, async (connection) =>
      makeAnew(connection, await opening, options),
    )
    return { ...made, ms: performance.now() - started }
  } finally {
    const parts = await opening.catch(() => [])
    await Promise.all(parts.map(({ set }) => set.close()))
  }
}

async function openParts(options: SetupOptions): Promise<Part[]> {
  const parts: Part[] = []
  try {
    for (const name of ['schema', 'seed'] as const) {
      if (options[name].length === 0) continue
      const set = await openScripts(options[name], options, true)
      parts.push({ name, set, plan: await planScripts(set, { ...planOptions(options), readData: true }) })
    }
    for (const { plan } of parts) announce(plan, options)
    return parts
  } catch (error) {
    await Promise.all(parts.map(({ set }) => set.close()))
    throw error
  }
}

async function makeAnew(
  connection: Connection,
  parts: readonly Part[],
  options: SetupOptions,
): Promise<Omit<SetupResult, 'ms'>> {
  const { database } = options.target
  const facts = await readFacts(connection, database)
  await guard('set up', connection, facts, options)
  const production = (options.production ?? false) || facts.production
  const obstacle = whyNotCached(parts, production, options)
  const name = cacheName(options.project, cacheKey(parts, facts, options))
  const found: CacheState = obstacle === undefined ? await findCached(connection, name) : { state: 'absent' }
  const cached = found.state === 'usable' ? found.cached : undefined
  const base = { database, dropped: facts.oid !== undefined, production }
  await replaceDatabase(connection, facts, production, cached, options)
  if (cached) return { ...base, cached: true, notCached: undefined, schema: undefined, seed: undefined }
  const loaded = await loadParts(parts, options)
  const notCached =
    obstacle ??
    (await keep(
      connection,
      { project: options.project, name, outdated: found.state === 'outdated' },
      options.target.database,
    ))
  return { ...base, cached: false, notCached, ...loaded }
}

/** Why this setup neither uses nor keeps a copy. */
function whyNotCached(
  parts: readonly Part[],
  production: boolean,
  options: SetupOptions,
): string | undefined {
  if (options.cache === false) return 'it was asked for without'
  if (production || options.protectedBecause !== undefined)
    return 'no copies are kept of a protected database'
  if (options.allowPrograms) return 'programs may do something else each time'
  for (const { name, plan } of parts) {
    if (!plan.complete) return `what the ${name} loads is decided while it runs`
    if (plan.beyondDatabase !== undefined)
      return `the ${name} reaches beyond the database (${plan.beyondDatabase})`
  }
  return undefined
}

/** Everything that a copy depends on: any byte of the scripts, the server, who makes it and how. */
function cacheKey(parts: readonly Part[], facts: DatabaseFacts, options: SetupOptions): string {
  const { transaction, variables } = planOptions(options)
  const digests = parts.map(({ name, set, plan }) => [name, set.digest([]), plan.environmentRead])
  return JSON.stringify([
    digests,
    facts.serverVersion,
    facts.templateEncoding,
    options.target.user,
    transaction,
    variables,
  ])
}

/** Drops what is there and creates the database, in one flight. */
async function replaceDatabase(
  connection: Connection,
  facts: DatabaseFacts,
  production: boolean,
  cached: CachedDatabase | undefined,
  options: SetupOptions,
): Promise<void> {
  const { database } = options.target
  const force = options.force ?? false
  if (facts.sessions > 0 && !force)
    throw sessionsConnected(database, await readSessions(connection, database))
  const drops = facts.oid === undefined ? [] : dropStatements(database, facts, force)
  const create = cached
    ? cloneStatement(database, cached, connection)
    : createStatement(database, facts, connection)
  const statements = [...drops, create, ...(production ? [markStatement(database)] : [])]
  await runStep(
    options.onProgress,
    'create',
    cached ? 'Copying the cached database' : drops.length > 0 ? 'Dropping and creating' : 'Creating',
    async () => {
      const outcomes = await pipeline(connection, statements)
      const failed = outcomes.findIndex((outcome) => outcome.error)
      const error = outcomes[failed]?.error
      if (!error) return
      if (failed < drops.length && force) await openDoor(connection, database)
      throw sqlError(
        error,
        failed < drops.length ? `drop the database "${database}"` : `create the database "${database}"`,
      )
    },
  )
}

/** What the steps are called. */
const TITLES = { schema: 'Loading the schema', seed: 'Seeding' } as const

async function loadParts(
  parts: readonly Part[],
  options: SetupOptions,
): Promise<Pick<SetupResult, 'schema' | 'seed'>> {
  const results: Pick<SetupResult, 'schema' | 'seed'> = { schema: undefined, seed: undefined }
  if (parts.length === 0) return results
  const connection = await connect(options.target, connectOptions(options))
  try {
    for (const { name, set, plan } of parts)
      results[name] = await runStep(options.onProgress, name, TITLES[name], () =>
        loadPlanned(connection, set, plan, { ...options, step: name }),
      )
    return results
  } catch (error) {
    throw error instanceof InterruptedError
      ? interrupted(options.target.database, results.schema !== undefined)
      : error
  } finally {
    await connection.close()
  }
}

/** The database has been made anew by then, so it is not as before. */
function interrupted(database: string, hasSchema: boolean): InterruptedError {
  return new InterruptedError(
    `Interrupted; the database "${database}" is new and ${hasSchema ? 'has its schema, but no seed' : 'empty'}.`,
    'cruddur db setup begins anew.',
  )
}

/** Keeps a copy of the database; returns why not, if not. */
async function keep(
  connection: Connection,
  copy: Parameters<typeof storeCached>[2],
  database: string,
): Promise<string | undefined> {
  return (await notCopied(connection, database)) ?? (await storeCached(connection, database, copy))
}
