import { setTimeout as pause } from 'node:timers/promises'
import { COMMAND_NAMES } from './commands/table.ts'
import { BEFORE_RELATION, KEYWORDS } from './keywords.ts'
import type { PromptSession } from './prompt-session.ts'

/** What Tab may offer of the database: names as SQL wants them, quoted where needed. */
export interface KnownNames {
  relations: readonly string[]
  databases: readonly string[]
}

/** How long Tab waits for names that are not known yet, in milliseconds; what comes later serves the next Tab. */
const PATIENCE = 300

/** As many relations as are worth looking through. */
const LIMIT = 10_000

/** Relations by the shortest name that reaches them, and databases; the kinds are those of `pg_class.relkind`. */
const NAMES_QUERY = `SELECT 'r', CASE WHEN pg_catalog.pg_table_is_visible(c.oid) THEN '' ELSE
    pg_catalog.quote_ident(n.nspname) || '.' END || pg_catalog.quote_ident(c.relname)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname NOT LIKE 'pg_toast%'
  LIMIT ${LIMIT}`
const DATABASES_QUERY = `SELECT 'd', pg_catalog.quote_ident(d.datname) FROM pg_catalog.pg_database d WHERE d.datallowconn`

// eslint-disable-next-line no-control-regex
const UNSAFE_NAME = /[\u0000-\u001f\u007f-\u009f]/

/** The names of the connected database, asked for at the first Tab and again after statements have been run. */
export class NameCache {
  readonly #session: PromptSession
  #known: KnownNames = { relations: [], databases: [] }
  /** The state of the session that the names are of. */
  #state = ''
  #loading: Promise<void> | undefined

  constructor(session: PromptSession) {
    this.#session = session
  }

  /** The names, as far as they can be had at once. */
  async get(): Promise<KnownNames> {
    if (this.#state !== this.#present) this.#loading ??= this.#load()
    if (this.#loading) await Promise.race([this.#loading, pause(PATIENCE, undefined, { ref: false })])
    return this.#known
  }

  /** Changes with each statement and each connection. */
  get #present(): string {
    return `${this.#session.connection.processId} ${this.#session.statements}`
  }

  async #load(): Promise<void> {
    const state = this.#present
    const rows = await this.#session.glance(`(${NAMES_QUERY}) UNION ALL (${DATABASES_QUERY})`)
    this.#loading = undefined
    if (!rows) return
    this.#state = state
    const named = (kind: string) =>
      rows.flatMap(([one, name]) => (one === kind && name && !UNSAFE_NAME.test(name) ? [name] : []))
    this.#known = { relations: named('r'), databases: named('d') }
  }
}

/**
 * What could stand where the cursor is; a blank goes with the only candidate.
 * @param line the line up to the cursor
 * @returns the candidates, and the beginning that they replace
 */
export function complete(line: string, names: KnownNames): [string[], string] {
  const [candidates, word] = candidatesFor(line, names)
  const [only, another] = candidates
  return [only !== undefined && another === undefined ? [`${only} `] : candidates, word]
}

function candidatesFor(line: string, names: KnownNames): [string[], string] {
  const command = /^\s*\\(\S*)$/.exec(line)
  if (command)
    return [
      startingWith(
        `\\${command[1]}`,
        COMMAND_NAMES.map((name) => `\\${name}`),
      ),
      command[0].trimStart(),
    ]
  const argument = /\\(c|connect|l|d\S*)\s+(\S*)$/.exec(line)
  if (argument) {
    const [, name = '', word = ''] = argument
    return [relevant(word, name.startsWith('d') ? names.relations : names.databases), word]
  }
  const word = /[\w$."\u0080-\uffff]*$/.exec(line)?.[0] ?? ''
  const before = /(\w+)\s+$/.exec(line.slice(0, line.length - word.length))?.[1]
  if (before && BEFORE_RELATION.has(before.toUpperCase())) return [relevant(word, names.relations), word]
  if (word === '') return [[], word]
  return [[...keywords(word), ...relevant(word, names.relations)], word]
}

/** Keywords in the case that was begun in. */
function keywords(word: string): string[] {
  const upper = word === word.toUpperCase()
  return startingWith(word.toUpperCase(), KEYWORDS).map((one) => (upper ? one : one.toLowerCase()))
}

/** Names that begin so; those of the system only when they are asked for. */
function relevant(word: string, names: readonly string[]): string[] {
  const system = /^(?:pg_|information_schema)/
  return startingWith(word, names).filter((name) => system.test(word) || !system.test(name))
}

function startingWith(beginning: string, candidates: readonly string[]): string[] {
  return candidates.filter((candidate) => candidate.startsWith(beginning)).toSorted()
}
