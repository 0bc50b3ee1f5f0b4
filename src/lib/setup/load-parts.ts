import { InterruptedError } from '../errors.ts'
import type { Connection } from '../postgres/connection.ts'
import type { DatabaseVerbOptions } from '../postgres/database-verb.ts'
import {
  announce,
  loadPlanned,
  openScripts,
  planOptions,
  type LoadResult,
  type PlannedScripts,
  type ScriptOptions,
} from '../script/load-script.ts'
import { planScripts } from '../script/plan-scripts.ts'
import type { ScriptInput } from '../script/script-set.ts'

/** What the parts of a setup are made of. */
export interface PartsOptions extends DatabaseVerbOptions, ScriptOptions {
  /** The scripts of the schema and of the seed, in order; none is fine. */
  schema: readonly ScriptInput[]
  seed: readonly ScriptInput[]
  /** Whether a copy may be used and kept; true by default. */
  cache?: boolean | undefined
}

/** A part of the setup: what is loaded, and what is known of it. */
export interface Part extends PlannedScripts {
  step: 'schema' | 'seed'
}

/** What has been loaded so far. */
export interface LoadedParts {
  schema: LoadResult | undefined
  seed: LoadResult | undefined
}

/** What the steps are called. */
const TITLES = { schema: 'Loading the schema', seed: 'Seeding' } as const

/** Opens and plans the scripts of a setup. */
export async function openParts(options: PartsOptions): Promise<Part[]> {
  const parts: Part[] = []
  try {
    for (const step of ['schema', 'seed'] as const) {
      if (options[step].length === 0) continue
      const set = await openScripts(options[step], options, options.cache !== false)
      parts.push({ step, set, plan: await planScripts(set, { ...planOptions(options), readData: true }) })
    }
    for (const { plan } of parts) announce(plan, options)
    return parts
  } catch (error) {
    await Promise.all(parts.map(({ set }) => set.close()))
    throw error
  }
}

/**
 * Loads the parts of a setup, one after the other; stops at the first failure and says what it leaves.
 * @throws {ScriptError} where a script stops
 * @throws {CruddurError} `CONNECTION_LOST`, `INTERRUPTED`
 */
export async function loadParts(
  connection: Connection,
  parts: readonly Part[],
  options: PartsOptions,
): Promise<LoadedParts> {
  const loaded: LoadedParts = { schema: undefined, seed: undefined }
  try {
    const flights = mayShareFlight(parts, options) ? [parts] : parts.map((part) => [part])
    for (const flight of flights) await loadFlight(connection, flight, options, loaded)
    return loaded
  } catch (error) {
    connection.leave()
    const left = whatIsLeft(parts, loaded, options)
    if (error instanceof InterruptedError)
      throw new InterruptedError(`Interrupted; ${left}`, 'cruddur db setup begins anew.')
    const text = `${left.charAt(0).toUpperCase()}${left.slice(1)}`
    options.onProgress?.({ type: 'note', level: 'warning', text })
    throw error
  }
}

/** Whether each part is one transaction of which everything is known, so that one can be sent behind the other. */
function mayShareFlight(parts: readonly Part[], options: PartsOptions): boolean {
  return (
    options.transaction !== 'none' &&
    parts.every(({ plan }) => plan.complete && plan.ownTransaction === undefined)
  )
}

async function loadFlight(
  connection: Connection,
  flight: readonly Part[],
  options: PartsOptions,
  loaded: LoadedParts,
): Promise<void> {
  const start = (part: Part | undefined) =>
    part && options.onProgress?.({ type: 'start', step: part.step, title: TITLES[part.step] })
  start(flight[0])
  await loadPlanned(connection, flight, options, (result, index) => {
    const { step } = flight[index] as Part
    loaded[step] = result
    options.onProgress?.({ type: 'end', step, title: TITLES[step], ms: result.ms })
    start(flight[index + 1])
  })
}

/** What a failure leaves: the database has been made anew by then, so it is not as before. */
function whatIsLeft(parts: readonly Part[], done: LoadedParts, options: PartsOptions): string {
  const failed = parts.find(({ step }) => done[step] === undefined)
  const isAtomic = options.transaction !== 'none' && failed?.plan.ownTransaction === undefined
  const holds = done.schema === undefined ? 'empty' : 'has its schema, but no seed'
  return `the database "${options.target.database}" is new and ${isAtomic ? holds : 'holds what was done until then'}.`
}
