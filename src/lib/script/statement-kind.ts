import { identifierByte, isWord } from './bytes.ts'
import type { Statement } from './statement.ts'
import { headTokens } from './tokens.ts'

const INSERT = 'insert'
const COPY = 'copy'

/**
 * What a statement means for the way it must be sent:
 * - `transaction`: it begins, ends or marks a transaction;
 * - `alone`: it cannot run inside a transaction block (SQLSTATE 25001);
 * - `copy in`: COPY … FROM STDIN, its data follows;
 * - `insert`: INSERT, of which a script may hold very many;
 * - `setting`: it changes what scripts are read by: `standard_conforming_strings`, `client_encoding`, `backslash_quote`;
 * - `plain`: it may be wrapped in a transaction of its own without a difference;
 * - `other`: anything else.
 */
export type StatementKind = 'transaction' | 'alone' | 'copy in' | 'insert' | 'setting' | 'plain' | 'other'

const TRANSACTION = new Set(['abort', 'begin', 'commit', 'end', 'release', 'rollback', 'savepoint', 'start'])

/**
 * Statements that PostgreSQL refuses inside a transaction block, whatever they name (its `PreventInTransactionBlock`
 * calls; psql's `command_no_begin` has the same list). Words of the head, `*` for anything in between.
 */
const ALONE: readonly (readonly string[])[] = [
  ['vacuum'],
  ['create', 'database'],
  ['drop', 'database'],
  ['create', 'tablespace'],
  ['drop', 'tablespace'],
  ['alter', 'system'],
  ['create', 'index', 'concurrently'],
  ['create', 'unique', 'index', 'concurrently'],
  ['drop', 'index', 'concurrently'],
  ['reindex', 'database'],
  ['reindex', 'system'],
  ['reindex', 'schema'],
  ['reindex', '*', 'concurrently'],
  ['discard', 'all'],
  ['commit', 'prepared'],
  ['rollback', 'prepared'],
]

/** First words of statements that do the same in a transaction of their own as without one. */
const PLAIN = new Set([
  'comment',
  'create',
  'delete',
  'grant',
  'revoke',
  'select',
  'set',
  'truncate',
  'update',
  'values',
  'with',
  'alter',
  'drop',
  'analyze',
  'refresh',
  'security',
])

/** Second words that make an exception of the above: cluster-wide, or refused in a block on some server version. */
const NOT_PLAIN = new Set([
  'database',
  'tablespace',
  'system',
  'subscription',
  'local',
  'transaction',
  'constraints',
  'session',
  'type',
  'role',
  'user',
  'group',
  'materialized',
])

const CONCURRENTLY = /concurrently/i
const READING_SETTINGS = /standard_conforming_strings|client_encoding|backslash_quote/i

/** Tells what kind of statement it is, from its first words. */
export function statementKind(text: Buffer): StatementKind {
  // Without this shortcut a script of 200,000 INSERTs would be cut into tokens twice.
  if (isWord(text, 0, INSERT.length, INSERT) && identifierByte[text[INSERT.length] ?? 0] === 0) return INSERT
  const tokens = headTokens(text)
  const first = nextWord(tokens)
  if (first === INSERT) return INSERT
  if (first === COPY) return readsFromClient(tokens) ? 'copy in' : 'other'
  const head = [first, nextWord(tokens), nextWord(tokens), nextWord(tokens)]
  if (ALONE.some((pattern) => matches(pattern, head))) return 'alone'
  if (first === 'cluster' && head[1] === '') return 'alone'
  if (TRANSACTION.has(first) || (first === 'prepare' && head[1] === 'transaction')) return 'transaction'
  if (mayBeSetting(first, head[1] ?? '', text)) return 'setting'
  return PLAIN.has(first) && !NOT_PLAIN.has(head[1] ?? '') && !CONCURRENTLY.test(beginning(text))
    ? 'plain'
    : 'other'
}

/** As much of a statement as decides about words that may stand anywhere in it. */
function beginning(text: Buffer): string {
  return text.toString('latin1', 0, 4096)
}

function mayBeSetting(first: string, second: string, text: Buffer): boolean {
  if (first !== 'set' && first !== 'reset' && first !== 'select' && first !== 'discard') return false
  return second === 'names' || second === 'all' || READING_SETTINGS.test(beginning(text))
}

function nextWord(tokens: Generator<{ kind: string; text: string }>): string {
  const { value, done } = tokens.next()
  if (done) return ''
  return value.kind === 'word' ? value.text : `\0${value.text}`
}

function matches(pattern: readonly string[], head: readonly string[]): boolean {
  return pattern.every((word, index) => word === '*' || word === head[index])
}

/** The statements that `\;` joins in one message; the statement itself if it is a single one. */
export function statementParts(statement: Statement): Buffer[] {
  if (!statement.joined || !statement.pieces) return [statement.text]
  const parts: Buffer[][] = [[]]
  for (const { bytes, verbatim } of statement.pieces) {
    if (!verbatim && bytes.length === 1 && bytes[0] === 0x3b) parts.push([])
    else parts.at(-1)?.push(bytes)
  }
  return parts.map((pieces) => Buffer.concat(pieces))
}

/** Whether the statement, or one of those joined in it, is a COPY whose data follows. */
export function isCopyIn(statement: Statement): boolean {
  return statementParts(statement).some((part) => mayBeCopy(part) && statementKind(part) === 'copy in')
}

/** Whether a statement begins with COPY, or with something (a comment, a blank) that has to be read to tell. */
function mayBeCopy(text: Buffer): boolean {
  return identifierByte[text[0] ?? 0] === 0 || isWord(text, 0, COPY.length, COPY)
}

/** Whether the rest of a COPY statement says FROM STDIN (or, as the grammar allows, FROM STDOUT), outside parentheses. */
function readsFromClient(tokens: Generator<{ kind: string; text: string }>): boolean {
  let depth = 0
  let previous = ''
  for (const { kind, text } of tokens) {
    if (kind === 'symbol' && text === '(') depth += 1
    if (kind === 'symbol' && text === ')') depth -= 1
    if (depth === 0 && kind === 'word' && previous === 'from') return text === 'stdin' || text === 'stdout'
    if (depth === 0 && kind === 'word' && text === 'to') return false
    previous = depth === 0 && kind === 'word' ? text : ''
  }
  return false
}
