import { UsageError } from '../../errors.ts'
import { normalizeName } from '../python/package-name.ts'
import { parseRequirement, type Requirement } from '../python/requirement.ts'
import { readToml, type Table, tableOf, tablesOf, textOf, textsOf } from './toml-file.ts'

/** What a `pyproject.toml` asks for; it pins nothing. */
export interface ProjectRequirement {
  requirement: Requirement
  /** As it is written. */
  text: string
  /** For people: `pyproject.toml, [project.optional-dependencies] db`. */
  origin: string
}

export interface PyprojectOptions {
  path: string
  /** How messages call it. */
  shown: string
  extras: readonly string[]
  groups: readonly string[]
}

/**
 * The dependencies of a project (PEP 621), with the extras and groups (PEP 735) that are wanted.
 * @throws {UsageError} `FILE_NOT_READABLE`, `LOCK_INVALID`, `INVALID_REQUIREMENT`, `UNKNOWN_EXTRA`, `REQUIREMENT_NOT_SUPPORTED`
 */
export function readPyproject({ path, shown, extras, groups }: PyprojectOptions): ProjectRequirement[] {
  const file = readToml(path)
  const project = tableOf(file['project'])
  const optional = tableOf(project['optional-dependencies'])
  const isPoetry = 'dependencies' in tableOf(tableOf(file['tool'])['poetry'])
  if (isPoetry && !('dependencies' in project))
    throw new UsageError(`"${shown}" has its dependencies in Poetry's own form.`, {
      code: 'REQUIREMENT_NOT_SUPPORTED',
      hint: 'Give the lock: poetry lock, then --requirement poetry.lock',
    })
  const own = requirementsIn(textsOf(project['dependencies']), `${shown}, [project] dependencies`)
  const name = normalizeName(textOf(project['name']) ?? '')
  return [
    ...own,
    ...extras.flatMap((extra) => extraOf(optional, extra, { shown, name, above: [] })),
    ...groups.flatMap((group) => groupOf(tableOf(file['dependency-groups']), group, shown, [])),
  ]
}

/** An extra; it may ask for others of the same project: `all = ["project[db,web]"]`. */
function extraOf(
  optional: Table,
  extra: string,
  { shown, name, above }: { shown: string; name: string; above: readonly string[] },
): ProjectRequirement[] {
  const key = keyOf(optional, extra, 'extra', shown)
  const found = requirementsIn(textsOf(optional[key]), `${shown}, [project.optional-dependencies] ${key}`)
  return found.flatMap((one) => {
    if (one.requirement.name !== name) return [one]
    return one.requirement.extras
      .filter((other) => ![...above, key].includes(other))
      .flatMap((other) => extraOf(optional, other, { shown, name, above: [...above, key] }))
  })
}

function groupOf(
  groups: Table,
  group: string,
  shown: string,
  above: readonly string[],
): ProjectRequirement[] {
  const key = keyOf(groups, group, 'group', shown)
  const origin = `${shown}, [dependency-groups] ${key}`
  const included = tablesOf(groups[key])
    .map((entry) => textOf(entry['include-group']))
    .filter((other) => other !== undefined && other !== key && !above.includes(other))
  return [
    ...requirementsIn(textsOf(groups[key]), origin),
    ...included.flatMap((other) => groupOf(groups, other ?? '', shown, [...above, key])),
  ]
}

function keyOf(table: Table, name: string, kind: string, shown: string): string {
  const key = Object.keys(table).find((one) => normalizeName(one) === normalizeName(name))
  if (key !== undefined) return key
  throw new UsageError(`"${shown}" has no ${kind} "${name}".`, {
    code: 'UNKNOWN_EXTRA',
    hint: `It has ${Object.keys(table).join(', ') || 'none'}.`,
  })
}

function requirementsIn(texts: readonly string[], origin: string): ProjectRequirement[] {
  return texts.map((text) => {
    try {
      return { requirement: parseRequirement(text), text, origin }
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      throw new UsageError(`${error.message.replace(/\.$/, '')} (${origin}).`, {
        code: error.code,
        hint: error.hint,
        details: { origin },
      })
    }
  })
}
