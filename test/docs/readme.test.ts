import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { readManifest, type ManifestCommand, type ManifestFlag } from '../support/manifest.ts'
import { codeSpans, documentedCommands, readDocument, ROOT } from '../support/markdown.ts'

// What the documents say can be typed, can be typed.

const DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs/errors.md',
  'docs/rds.md',
]
const COMMANDS = readManifest()

/** Topics, which only have help: `db`, `db server`. */
const TOPICS = new Set(COMMANDS.flatMap(({ words }) => words.map((_, end) => words.slice(0, end).join(' '))))

/** Flags of other programs that the documents mention: of npm, and of vitest. */
const FOREIGN_FLAGS = new Set(['--omit', '-t'])

function findCommand(words: readonly string[]): ManifestCommand | undefined {
  return COMMANDS.filter((command) => command.words.every((word, index) => words[index] === word)).toSorted(
    (a, b) => b.words.length - a.words.length,
  )[0]
}

function findFlag(flags: Record<string, ManifestFlag>, word: string): ManifestFlag | undefined {
  const name = word.replace(/^--?/, '').replace(/=.*$/s, '')
  if (!word.startsWith('--')) return Object.values(flags).find(({ char }) => char === name)
  const negated = name.startsWith('no-') ? flags[name.slice(3)] : undefined
  return flags[name] ?? (negated?.allowNo ? negated : undefined)
}

/** What is wrong with a command line, if anything. */
function complaint(words: readonly string[]): string | undefined {
  const command = findCommand(words)
  if (!command) {
    const rest = words.filter((word) => !['--help', '--version'].includes(word)).join(' ')
    return TOPICS.has(rest) ? undefined : 'there is no such command'
  }
  const positional: string[] = []
  for (let at = command.words.length; at < words.length; at++) {
    const word = words[at] as string
    // What follows is another program's.
    if (word === '--') break
    if (!/^--?[a-z]/.test(word)) positional.push(word)
    else if (word !== '--help') {
      const flag = findFlag(command.flags, word)
      if (!flag) return `there is no flag ${word}`
      if (flag.type === 'option' && !word.includes('=') && words[++at] === undefined)
        return `${word} has no value`
    }
  }
  return command.strict ? wrongArguments(command, positional) : undefined
}

function wrongArguments({ args }: ManifestCommand, given: readonly string[]): string | undefined {
  const taken = Object.values(args)
  if (given.length > taken.length) return `${given.at(-1)} is too much`
  const wrong = given.find((word, index) => taken[index]?.options?.includes(word) === false)
  return wrong === undefined ? undefined : `${wrong} is none of its arguments`
}

test('a wrong command line is told from a right one', () => {
  expect(complaint(['db', 'drop', 'prod', '--confirm', 'x', '--force'])).toBeUndefined()
  expect(complaint(['db', 'server', '--help'])).toBeUndefined()
  expect(complaint(['db', 'setup', '--no-cache', '--schema=x'])).toBeUndefined()
  expect(complaint(['db', 'frobnicate'])).toBe('there is no such command')
  expect(complaint(['db', 'drop', '--cache'])).toBe('there is no flag --cache')
  expect(complaint(['db', 'drop', '--confirm'])).toBe('--confirm has no value')
  expect(complaint(['db', 'drop', 'staging'])).toBe('staging is none of its arguments')
  expect(complaint(['db', 'server', 'stop', 'now'])).toBe('now is too much')
})

test.for(DOCUMENTS)('each command in %s exists, with its flags', (path) => {
  const wrong = documentedCommands(readDocument(path))
    .map((words) => ({ command: words.join(' '), complaint: complaint(words) }))
    .filter((one) => one.complaint !== undefined)
  expect(wrong).toEqual([])
})

test('the README has every command', () => {
  const mentioned = new Set(
    documentedCommands(readDocument('README.md')).map((words) => findCommand(words)?.id),
  )
  expect(COMMANDS.map(({ id }) => id).filter((id) => !mentioned.has(id))).toEqual([])
})

test.for(DOCUMENTS)('each flag that %s mentions by itself is one of some command', (path) => {
  const flags = codeSpans(readDocument(path))
    .filter((span) => /^--?[a-z]/.test(span))
    .map((span) => (span.split(/[ =]/)[0] ?? '').trim())
  const unknown = flags.filter(
    (flag) =>
      flag !== '--help' &&
      !FOREIGN_FLAGS.has(flag) &&
      COMMANDS.every((command) => findFlag(command.flags, flag) === undefined),
  )
  expect(unknown).toEqual([])
})

/** What GitHub makes of a heading for links to it. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')
}

test.for(DOCUMENTS)('each link in %s leads somewhere', (path) => {
  const broken = [...readDocument(path).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^https?:/.test(link))
    .filter((link) => {
      const [file = '', fragment] = link.split('#')
      const target = file === '' ? path : join(dirname(path), file)
      if (!existsSync(join(ROOT, target))) return true
      if (fragment === undefined) return false
      const headings = [...readDocument(target).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => anchor(text))
      return !headings.includes(fragment)
    })
  expect(broken).toEqual([])
})
