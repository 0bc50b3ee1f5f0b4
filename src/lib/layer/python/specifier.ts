import { UsageError } from '../../errors.ts'
import { comparePublic, compareVersions, isPrerelease, parseVersion, type Version } from './version.ts'

/** One comparison of a specifier, e.g. `>=2.31`. */
interface Clause {
  operator: string
  /** As it stands there, without `.*`. */
  text: string
  version: Version | undefined
  /** Numbers before `.*`, as many as were written. */
  prefix: readonly number[] | undefined
}

/** Which versions of a package are wanted (PEP 440, "Version specifiers"): all clauses must hold. */
export class Specifier {
  /** As it was written; empty for any version. */
  readonly text: string
  readonly #clauses: readonly Clause[]

  /** @throws {UsageError} `INVALID_REQUIREMENT` */
  constructor(text: string) {
    this.text = text.trim()
    this.#clauses = this.text
      .split(',')
      .map((clause) => clause.trim())
      .filter(Boolean)
      .map((clause) => parseClause(clause, text))
  }

  /** Whether it names one version, as `==1.2` and `===1.2` do. */
  get isPinned(): boolean {
    return this.#clauses.some(({ operator, prefix }) => operator.startsWith('==') && !prefix)
  }

  /** Whether it names an alpha, beta or candidate, and so asks for such versions. */
  get namesPrerelease(): boolean {
    return this.#clauses.some(
      ({ operator, version }) => operator !== '!=' && version !== undefined && isPrerelease(version),
    )
  }

  /** Whether a version is wanted. Pre-releases are judged by their place in the order like any others. */
  allows(version: Version): boolean {
    return this.#clauses.every((clause) => clauseAllows(clause, version))
  }
}

const CLAUSE = /^(===|~=|==|!=|<=|>=|<|>)\s*(.+)$/s

function parseClause(clause: string, whole: string): Clause {
  const [, operator = '', text = ''] = CLAUSE.exec(clause) ?? []
  const isPrefix = (operator === '==' || operator === '!=') && text.endsWith('.*')
  const bare = isPrefix ? text.slice(0, -2) : text
  const version = parseVersion(bare)
  const segments = version ? segmentsOf(bare) : []
  const isWrong =
    operator === '' ||
    (version === undefined && operator !== '===') ||
    (operator === '~=' && segments.length < 2) ||
    (!['==', '!=', '==='].includes(operator) && (version?.local.length ?? 0) > 0) ||
    (isPrefix && version !== undefined && (version.dev !== undefined || version.local.length > 0))
  if (isWrong)
    throw new UsageError(`${JSON.stringify(whole)} does not say which versions are wanted.`, {
      code: 'INVALID_REQUIREMENT',
      hint: 'Write it like >=2.31,<3 or ==2.9.13.',
    })
  const prefix = isPrefix ? segments : operator === '~=' ? segments.slice(0, -1) : undefined
  return { operator, text: bare, version, prefix }
}

/** The numbers of a release as they are written, with zeros at the end. */
function segmentsOf(text: string): number[] {
  const [, release = ''] = /^\s*v?(?:\d+!)?(\d+(?:\.\d+)*)/i.exec(text) ?? []
  return release.split('.').map(Number)
}

function clauseAllows({ operator, text, version: wanted, prefix }: Clause, version: Version): boolean {
  if (operator === '===') return version.normal === text.toLowerCase()
  if (wanted === undefined) return false
  const order = comparePublic(version, wanted)
  const sameRelease = version.epoch === wanted.epoch && version.release.join('.') === wanted.release.join('.')
  switch (operator) {
    case '==':
      // ==1.0a1.* is all that begins with 1.0a1.
      if (prefix) return startsWith(version, wanted, prefix) && (!wanted.pre || samePre(version, wanted))
      return wanted.local.length > 0 ? compareVersions(version, wanted) === 0 : order === 0
    case '!=':
      return !clauseAllows({ operator: '==', text, version: wanted, prefix }, version)
    case '~=':
      return order >= 0 && startsWith(version, wanted, prefix ?? [])
    case '<=':
      return order <= 0
    case '>=':
      return order >= 0
    case '<':
      // 2.0rc1 comes before 2.0, but who writes <2.0 does not mean it.
      return order < 0 && (isPrerelease(wanted) || !isPrerelease(version) || !sameRelease)
    default:
      // Nor is 1.0.post1 or 1.0+local meant by >1.0.
      if (version.local.length > 0 && sameRelease) return false
      return order > 0 && (wanted.post !== undefined || version.post === undefined || !sameRelease)
  }
}

function startsWith(version: Version, wanted: Version, prefix: readonly number[]): boolean {
  if (version.epoch !== wanted.epoch) return false
  return prefix.every((number, index) => (version.release[index] ?? 0) === number)
}

function samePre({ release, pre }: Version, wanted: Version): boolean {
  return pre?.join('') === wanted.pre?.join('') && release.join('.') === wanted.release.join('.')
}
