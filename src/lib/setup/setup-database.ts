import { CruddurError } from '../errors.ts'
import { alreadyThere, createStatement, markStatement } from '../postgres/create-database.ts'
import { connect } from '../postgres/connect.ts'
import { connectWhile } from '../postgres/connect-while.ts'
import type { Connection } from '../postgres/connection.ts'
import { factsQuery, toFacts, type DatabaseFacts } from '../postgres/database-facts.ts'
import { connectOptions, guard } from '../postgres/database-verb.ts'
import { dropStatements, openDoor, sessionsConnected, stayingSessions } from '../postgres/drop-database.ts'
import { connectBeside } from '../postgres/maintenance.ts'
import { pipeline } from '../postgres/query.ts'
import { ServerError } from '../postgres/server-message.ts'
import { sqlError } from '../postgres/sql-errors.ts'
import { runStep } from '../progress.ts'
import { planOptions, type LoadResult } from '../script/load-script.ts'
import { type LoadedParts, loadParts, openParts, type Part, type PartsOptions } from './load-parts.ts'
import {
  cachedQuery,
  cacheName,
  cloneStatement,
  isGone,
  storeCached,
  toCached,
  type CachedDatabase,
} from './template-cache.ts'

export interface SetupOptions extends PartsOptions {
  /** Whether to end sessions that are in the database. */
  force?: boolean | undefined
  /** Whether the database is production: it gets the mark, and no copy of it is kept. */
  production?: boolean | undefined
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

/**
 * Makes the target database anew: drop, create, load the schema, load the seed; stops at the first failure. With the
 * same scripts, options and server as the last time, it copies the database that was kept then, instead of loading.
 * @throws {ScriptError} where a script stops
 * @throws {CruddurError} `NOT_CONFIRMED`, `SESSIONS_CONNECTED`, those of `connect`, of `createDatabase` and of `loadScript`
 */
export async function setupDatabase(options: SetupOptions): Promise<SetupResult> {
  const started = performance.now()
  const opening = openParts(options)
  opening.catch(() => undefined)
  try {
    const connection = await connectWhile(opening, options, connectBeside)
    try {
      return { ...(await makeAnew(connection, await opening, options)), ms: performance.now() - started }
    } finally {
      connection.leave()
    }
  } finally {
    const parts = await opening.catch(() => [])
    await Promise.all(parts.map(({ set }) => set.close()))
  }
}

async function makeAnew(
  connection: Connection,
  parts: readonly Part[],
  options: SetupOptions,
): Promise<Omit<SetupResult, 'ms'>> {
  const { database } = options.target
  const [facts, present] = await lookAround(connection, options)
  await guard('set up', connection, facts, options)
  const production = (options.production ?? false) || facts.production
  const obstacle = whyNotCached(parts, production, options)
  const name =
    obstacle === undefined ? cacheName(options.project, cacheKey(parts, facts, options)) : undefined
  const cached = present.find((copy) => copy.name === name && copy.usable)
  const base = { database, dropped: facts.oid !== undefined, production }
  let replacing = replaceDatabase(connection, facts, production, cached, options)
  if (cached && (await isCopied(replacing, cached)))
    return { ...base, cached: true, notCached: undefined, schema: undefined, seed: undefined }
  if (cached)
    replacing = replaceDatabase(connection, { ...facts, oid: undefined }, production, undefined, options)
  if (parts.length === 0) {
    await replacing
    const notCached = obstacle ?? 'there is nothing to load'
    return { ...base, cached: false, notCached, schema: undefined, seed: undefined }
  }
  // Meanwhile the way to the new database is prepared up to the point where it must be there.
  const entering = connect(options.target, { ...connectOptions(options), startWhen: replacing })
  entering.catch(() => undefined)
  await replacing
  const target = await entering
  let loaded: LoadedParts
  try {
    loaded = await loadParts(target, parts, options)
  } finally {
    // A schema may have taken the mark away, where it is a line of the comment.
    if (production) await pipeline(connection, [markStatement(database)]).catch(() => undefined)
  }
  // The server makes no copy of a database that somebody is in.
  await (name === undefined ? target.leave() : target.close())
  const notCached = name === undefined ? obstacle : await storeCached(connection, database, name, present)
  return { ...base, cached: false, notCached, ...loaded }
}

/** Waits for the copy; false if what was to be copied is gone: the database has to be loaded then. */
async function isCopied(copying: Promise<void>, cached: CachedDatabase): Promise<boolean> {
  try {
    await copying
    return true
  } catch (error) {
    if (isGone(cached, error)) return false
    throw error
  }
}

/** Reads what is known of the database and which cached ones there are, in one round trip. */
async function lookAround(
  connection: Connection,
  { target, project, cache = true }: SetupOptions,
): Promise<[DatabaseFacts, CachedDatabase[]]> {
  const [facts, present] = await pipeline(connection, [
    factsQuery(target.database),
    ...(cache ? [cachedQuery(project)] : []),
  ])
  if (facts?.error) throw new ServerError(facts.error)
  // Without knowing the cached ones, e.g. because one is just being dropped, it goes on as if there were none.
  return [toFacts(facts?.results[0], connection), toCached(present?.results[0])]
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
  for (const { step, plan } of parts) {
    if (!plan.complete) return `what the ${step} loads is decided while it runs`
    if (plan.beyondDatabase !== undefined)
      return `the ${step} reaches beyond the database (${plan.beyondDatabase})`
  }
  return undefined
}

/** Everything that a copy depends on: any byte of the scripts, the server, who makes it and how. */
function cacheKey(parts: readonly Part[], facts: DatabaseFacts, options: SetupOptions): string {
  const { transaction, variables } = planOptions(options)
  const digests = parts.map(({ step, set, plan }) => [step, set.digest([]), plan.environmentRead])
  return JSON.stringify([
    digests,
    facts.serverVersion,
    facts.templateEncoding,
    options.target.user,
    options.target.options,
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
  const sessions = facts.sessions > 0 ? await stayingSessions(connection, database, force) : []
  if (sessions.length > 0 && !force) throw sessionsConnected(database, sessions)
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
      if (failed < drops.length && force && facts.open) await openDoor(connection, database)
      if (alreadyThere(outcomes[failed])) throw madeMeanwhile(database)
      throw sqlError(
        error,
        failed < drops.length ? `drop the database "${database}"` : `create the database "${database}"`,
      )
    },
  )
}

/** The error for a database that somebody else has made between our looking and our making it. */
function madeMeanwhile(database: string): CruddurError {
  return new CruddurError(`Somebody else is setting up the database "${database}" just now.`, {
    code: 'DATABASE_IN_USE',
    hint: 'Wait until that is done, and try again if need be.',
  })
}
