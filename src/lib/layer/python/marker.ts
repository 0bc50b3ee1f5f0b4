import { satisfies, valid } from '@renovatebot/pep440'
import { UsageError } from '../../errors.ts'
import { normalizeName } from './package-name.ts'

/**
 * The machine that a requirement is meant for, under the names of the specification "Dependency specifiers"; never the
 * one that this runs on.
 */
export type MarkerEnvironment = Readonly<Record<MarkerVariable, string>>

/** The variables that describe a machine; `extra`, `extras` and `dependency_groups` describe what was asked for. */
const VARIABLES = [
  'implementation_name',
  'implementation_version',
  'os_name',
  'platform_machine',
  'platform_python_implementation',
  'platform_release',
  'platform_system',
  'platform_version',
  'python_full_version',
  'python_version',
  'sys_platform',
] as const

type MarkerVariable = (typeof VARIABLES)[number]

/** Those whose values are versions, and are compared as such. */
const VERSIONS: ReadonlySet<string> = new Set([
  'implementation_version',
  'platform_release',
  'python_full_version',
  'python_version',
])

/** What was asked for besides the package itself. */
interface Wanted {
  extras?: readonly string[]
  groups?: readonly string[]
}

interface Operand {
  kind: 'variable' | 'text'
  value: string
}

/** Several conditions, all or one of which must hold. */
interface Joined {
  kind: 'and' | 'or'
  parts: Marker[]
}

interface Comparison {
  kind: 'compare'
  left: Operand
  operator: string
  right: Operand
}

/** A condition under which a requirement counts. */
export type Marker = Joined | Comparison

const TOKEN =
  /\s*(?:(<=|>=|===|==|!=|~=|<|>|\(|\))|(not\s+in\b|in\b|and\b|or\b)|'([^']*)'|"([^"]*)"|([a-z_.]+))\s*/y

/** Names of variables before PEP 508, which old packages still have. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  'os.name': 'os_name',
  'sys.platform': 'sys_platform',
  'platform.version': 'platform_version',
  'platform.machine': 'platform_machine',
  'platform.python_implementation': 'platform_python_implementation',
  python_implementation: 'platform_python_implementation',
}

const KNOWN: ReadonlySet<string> = new Set([...VARIABLES, 'extra', 'extras', 'dependency_groups'])

type Token = { kind: 'operator' | 'word' | 'text' | 'name'; value: string }

/**
 * Reads a marker, e.g. `python_version < "3.11" and sys_platform == "linux"`.
 * @throws {UsageError} `INVALID_REQUIREMENT`
 */
export function parseMarker(text: string): Marker {
  const tokens = tokensOf(text)
  let at = 0
  const peek = () => tokens[at]
  const next = () => tokens[at++]
  const isWord = (word: string) => peek()?.kind === 'word' && peek()?.value === word

  const joined = (word: 'and' | 'or', part: () => Marker): Marker => {
    const parts = [part()]
    while (isWord(word)) {
      next()
      parts.push(part())
    }
    return parts.length === 1 && parts[0] ? parts[0] : { kind: word, parts }
  }
  const anyOf = (): Marker => joined('or', allOf)
  const allOf = (): Marker => joined('and', one)
  const one = (): Marker => {
    if (peek()?.value !== '(' || peek()?.kind !== 'operator') return comparison()
    next()
    const inner = anyOf()
    if (next()?.value !== ')') throw invalid(text)
    return inner
  }
  const comparison = (): Marker => {
    const left = operand()
    const operator = next()
    const isOperator =
      (operator?.kind === 'operator' && !'()'.includes(operator.value)) ||
      (operator?.kind === 'word' && operator.value.endsWith('in'))
    if (!operator || !isOperator) throw invalid(text)
    return { kind: 'compare', left, operator: operator.value.replace(/\s+/, ' '), right: operand() }
  }
  const operand = (): Operand => {
    const token = next()
    if (token?.kind === 'text') return { kind: 'text', value: token.value }
    const name = token?.kind === 'name' ? (OLD_NAMES[token.value] ?? token.value) : ''
    if (!KNOWN.has(name)) throw invalid(text)
    return { kind: 'variable', value: name }
  }

  const marker = anyOf()
  if (at !== tokens.length) throw invalid(text)
  return marker
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  const source = text.trim()
  for (let at = 0; at < source.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at
    const found = TOKEN.exec(source)
    if (!found) throw invalid(text)
    const [, operator, word, single, double, name] = found
    if (operator !== undefined) tokens.push({ kind: 'operator', value: operator })
    else if (word !== undefined) tokens.push({ kind: 'word', value: word })
    else if (name === undefined) tokens.push({ kind: 'text', value: single ?? double ?? '' })
    else tokens.push({ kind: 'name', value: name })
  }
  return tokens
}

/** Whether a marker holds on a machine, for what was asked for. */
export function holds(marker: Marker, environment: MarkerEnvironment, wanted: Wanted = {}): boolean {
  switch (marker.kind) {
    case 'and':
      return marker.parts.every((part) => holds(part, environment, wanted))
    case 'or':
      return marker.parts.some((part) => holds(part, environment, wanted))
    default:
      return comparisonHolds(marker, environment, wanted)
  }
}

function comparisonHolds(
  { left, operator, right }: Comparison,
  environment: MarkerEnvironment,
  wanted: Wanted,
): boolean {
  const sets = { extras: wanted.extras ?? [], dependency_groups: wanted.groups ?? [] }
  if (right.kind === 'variable' && right.value in sets) {
    const set = sets[right.value as keyof typeof sets].map(normalizeName)
    return set.includes(normalizeName(left.value)) === (operator === 'in')
  }
  if ([left, right].some(({ kind, value }) => kind === 'variable' && value === 'extra')) {
    const name = normalizeName(left.kind === 'text' ? left.value : right.value)
    const asked = (wanted.extras ?? []).some((extra) => normalizeName(extra) === name)
    return operator === '!=' ? !asked : asked
  }
  const valueOf = ({ kind, value }: Operand) =>
    kind === 'text' ? value : environment[value as MarkerVariable]
  const isVersion = [left, right].some(({ kind, value }) => kind === 'variable' && VERSIONS.has(value))
  return compare(valueOf(left), operator, valueOf(right), isVersion)
}

function compare(left: string, operator: string, right: string, isVersion: boolean): boolean {
  if (operator === 'in') return isVersion ? right.split(/[\s,]+/).includes(left) : right.includes(left)
  if (operator === 'not in') return !compare(left, 'in', right, isVersion)
  if (isVersion && valid(left) !== null && (valid(right) !== null || right.endsWith('.*')))
    return satisfies(left, `${operator}${right}`, { prereleases: true })
  switch (operator) {
    case '==':
    case '===':
      return left === right
    case '!=':
      return left !== right
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
    default:
      return false
  }
}

function invalid(text: string): UsageError {
  return new UsageError(`${JSON.stringify(text)} is not a marker of a requirement.`, {
    code: 'INVALID_REQUIREMENT',
    hint: 'Write it like python_version < "3.11" and sys_platform == "linux".',
  })
}
