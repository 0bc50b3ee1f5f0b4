import { isVariableByte } from './bytes.ts'

/** How psql checks the values of its own variables (`startup.c`, assign hooks). */
type Check = 'boolean' | 'integer' | readonly string[]

/** psql's own variables whose values are checked, and what they are when nothing was set (documentation of psql). */
const CHECKED: Readonly<Record<string, { check: Check; initial?: string; cleared?: string }>> = {
  AUTOCOMMIT: { check: 'boolean', initial: 'on', cleared: 'off' },
  COMP_KEYWORD_CASE: {
    check: ['lower', 'upper', 'preserve-lower', 'preserve-upper'],
    initial: 'preserve-upper',
  },
  ECHO: { check: ['queries', 'errors', 'all', 'none'], initial: 'none', cleared: 'none' },
  ECHO_HIDDEN: { check: ['on', 'off', 'noexec', 'true', 'false', '1', '0'], initial: 'off', cleared: 'off' },
  FETCH_COUNT: { check: 'integer', initial: '0', cleared: '0' },
  HIDE_TABLEAM: { check: 'boolean', initial: 'off', cleared: 'off' },
  HIDE_TOAST_COMPRESSION: { check: 'boolean', initial: 'off', cleared: 'off' },
  HISTCONTROL: { check: ['none', 'ignorespace', 'ignoredups', 'ignoreboth'], initial: 'none' },
  HISTSIZE: { check: 'integer', initial: '500', cleared: '500' },
  IGNOREEOF: { check: 'integer', initial: '0', cleared: '0' },
  ON_ERROR_ROLLBACK: {
    check: ['interactive', 'on', 'off', 'true', 'false', '1', '0'],
    initial: 'off',
    cleared: 'off',
  },
  ON_ERROR_STOP: { check: 'boolean', initial: 'on', cleared: 'off' },
  QUIET: { check: 'boolean', initial: 'on', cleared: 'off' },
  SHOW_ALL_RESULTS: { check: 'boolean', initial: 'on', cleared: 'off' },
  SHOW_CONTEXT: { check: ['never', 'errors', 'always'], initial: 'errors' },
  SINGLELINE: { check: 'boolean', initial: 'off', cleared: 'off' },
  SINGLESTEP: { check: 'boolean', initial: 'off', cleared: 'off' },
  VERBOSITY: { check: ['default', 'verbose', 'terse', 'sqlstate'], initial: 'default' },
}

/** Booleans by their beginnings, as psql's `ParseVariableBool` takes them; `o` alone is ambiguous. */
const BOOLEAN_WORDS: readonly [string, boolean, number][] = [
  ['true', true, 1],
  ['false', false, 1],
  ['yes', true, 1],
  ['no', false, 1],
  ['on', true, 2],
  ['off', false, 2],
  ['1', true, 1],
  ['0', false, 1],
]

/** Reads a Boolean as psql does: any beginning of true, false, yes, no, on, off; 1 and 0. `undefined` if it is none. */
export function parseBoolean(value: string): boolean | undefined {
  const word = value.toLowerCase()
  return BOOLEAN_WORDS.find(([full, , least]) => word.length >= least && full.startsWith(word))?.[1]
}

/** psql's variables. Names and values hold bytes as the script has them, one per character. */
export class Variables {
  readonly #values = new Map<string, string>()

  constructor(initial: Readonly<Record<string, string>> = {}) {
    for (const [name, { initial: value }] of Object.entries(CHECKED))
      if (value !== undefined) this.#values.set(name, value)
    for (const [name, value] of Object.entries(initial)) this.set(name, Buffer.from(value).toString('latin1'))
  }

  get(name: string): string | undefined {
    return this.#values.get(name)
  }

  /** Whether a Boolean variable is on. */
  isOn(name: string): boolean {
    return parseBoolean(this.#values.get(name) ?? 'off') ?? false
  }

  /** All names and values, as `\set` without arguments lists them. */
  entries(): [string, string][] {
    return [...this.#values].toSorted(([a], [b]) => (a < b ? -1 : 1))
  }

  /**
   * `\set name value`.
   * @throws {Error} in psql's words, when the name is not allowed or the value is not one the variable can have
   */
  set(name: string, value: string): void {
    if (name === '' || !Array.from(name).every((character) => isVariableByte(character.charCodeAt(0))))
      throw new Error(`invalid variable name: "${name}"`)
    const rule = CHECKED[name]
    const stored = rule?.check === 'boolean' && value === '' ? 'on' : value
    if (rule) checkValue(name, stored, rule.check)
    this.#values.set(name, stored)
  }

  /** `\unset name`: psql's own variables go back to what they mean when nothing is set. */
  unset(name: string): void {
    const cleared = CHECKED[name]?.cleared ?? CHECKED[name]?.initial
    if (cleared === undefined) this.#values.delete(name)
    else this.#values.set(name, cleared)
  }
}

function checkValue(name: string, value: string, check: Check): void {
  const fail = (expected: string) => new Error(`unrecognized value "${value}" for "${name}": ${expected}`)
  if (check === 'boolean') {
    if (parseBoolean(value) === undefined) throw fail('Boolean expected')
  } else if (check === 'integer') {
    if (!/^-?\d+$/.test(value)) throw new Error(`invalid value "${value}" for "${name}": integer expected`)
  } else if (
    !check.includes(value.toLowerCase()) &&
    !(check.includes('on') && parseBoolean(value) !== undefined)
  ) {
    throw fail(`Available values are: ${check.join(', ')}.`)
  }
}
