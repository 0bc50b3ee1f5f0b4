import { quoteLiteral } from '../../postgres/query.ts'
import { CommandError } from '../../script/commands/command.ts'

/** The pattern of a `\d` command taken apart: regular expressions as PostgreSQL reads them. */
export interface NamePattern {
  /** As it was typed, for messages. */
  text: string
  schema: string | undefined
  name: string
}

/** Characters that mean something in a regular expression and nothing within double quotes. */
const SPECIAL = /[|*+?()[\]{}.^$\\]/

/**
 * Takes a pattern apart, as psql does ("Patterns" in its documentation): `*` any characters, `?` any one, letters are
 * lower case, within double quotes everything stands for itself, a dot stands between schema and name; other
 * characters of regular expressions are left as they are.
 * @throws {CommandError} when there are more than three parts
 */
export function parsePattern(text: string): NamePattern {
  const parts: string[] = ['']
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string
    if (character === '"') {
      if (quoted && text[at + 1] === '"') {
        parts.push(`${parts.pop()}"`)
        at += 1
      } else quoted = !quoted
    } else if (character === '.' && !quoted) parts.push('')
    else parts.push(`${parts.pop()}${quoted ? literal(character) : wildcard(character)}`)
  }
  if (parts.length > 3)
    throw new CommandError(
      Buffer.from(`improper qualified name (too many dotted names): ${text}`).toString('latin1'),
    )
  // A database before the schema can only be the present one.
  return { text, name: parts.at(-1) ?? '', schema: parts.at(-2) }
}

function literal(character: string): string {
  return SPECIAL.test(character) ? `\\${character}` : character
}

function wildcard(character: string): string {
  if (character === '*') return '.*'
  if (character === '?') return '.'
  if (character === '$') return '\\$'
  return character.toLowerCase()
}

/** SQL expressions for what a pattern is compared with. */
export interface PatternSubject {
  name: string
  schema?: string
  /** Whether the object can be named without its schema. */
  visible?: string
}

/** The condition `AND …` that a pattern means; nothing for no pattern. Without a schema, only what is visible matches. */
export function patternCondition(pattern: NamePattern | undefined, subject: PatternSubject): string {
  if (pattern === undefined) return ''
  const conditions = [matches(subject.name, pattern.name)]
  if (pattern.schema !== undefined && subject.schema !== undefined)
    conditions.push(matches(subject.schema, pattern.schema))
  else if (subject.visible !== undefined) conditions.push(subject.visible)
  return conditions.map((condition) => `\n  AND ${condition}`).join('')
}

function matches(expression: string, regularExpression: string): string {
  return `${expression}::text OPERATOR(pg_catalog.~) ${quoteLiteral(`^(${regularExpression})$`)}`
}
