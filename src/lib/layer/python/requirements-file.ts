import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { UsageError } from '../../errors.ts'
import { parseRequirement, type Requirement } from './requirement.ts'
import { maskLogins, type RequirementLine, requirementLines, splitWords } from './requirement-lines.ts'

/** A requirement, and where it stands. */
export interface FileRequirement {
  requirement: Requirement
  /** As it is written, with variables filled in; a URL may hold a login. */
  text: string
  /** SHA-256 in hex of the files that may be taken; none for any. */
  hashes: string[]
  /** For people: `requirements.txt, line 3`. */
  origin: string
}

/** What requirements files say, with those that they include. */
export interface RequirementsFile {
  requirements: FileRequirement[]
  /** They limit versions, and want nothing by themselves. */
  constraints: FileRequirement[]
  /** URLs may hold logins. */
  indexUrl: string | undefined
  extraIndexUrls: string[]
  findLinks: string[]
  noIndex: boolean
  /** Whether every requirement must have a hash. */
  requireHashes: boolean
  /** Options that mean nothing here, as `--prefer-binary in requirements.txt, line 1`. */
  ignored: string[]
  /** Every file that was read. */
  files: string[]
}

export interface ReadRequirementsOptions {
  /** What relative paths in messages begin at. */
  directory: string
  /** For `${VARIABLES}`. */
  environment: Readonly<Record<string, string | undefined>>
}

/** Options by their short and other names. */
const ALIASES: Readonly<Record<string, string>> = {
  '-r': '--requirement',
  '-c': '--constraint',
  '-i': '--index-url',
  '--pypi-url': '--index-url',
  '-f': '--find-links',
  '-e': '--editable',
}

/** Wheels are always taken where there are some; which ones, the runtime says. */
const MEANINGLESS: ReadonlySet<string> = new Set([
  '--prefer-binary',
  '--only-binary',
  '--trusted-host',
  '--use-feature',
])

/**
 * Reads a requirements file as pip does, and what it includes.
 * @throws {UsageError} `FILE_NOT_READABLE`, `INVALID_REQUIREMENT`, `REQUIREMENT_NOT_SUPPORTED`, `REQUIREMENTS_LOOP`,
 *   `HASH_MISSING`; each names file and line
 */
export function readRequirementsFile(path: string, options: ReadRequirementsOptions): RequirementsFile {
  const reader = new Reader(options)
  reader.read(resolve(options.directory, path), 'requirement', [])
  const { result } = reader
  const unhashed = result.requirements.find(({ hashes }) => hashes.length === 0)
  const demands = result.requireHashes || result.requirements.some(({ hashes }) => hashes.length > 0)
  if (!demands || !unhashed) return result
  throw new UsageError(`${unhashed.requirement.name} has no hash (${unhashed.origin}), others have.`, {
    code: 'HASH_MISSING',
    hint: 'Give all of them hashes: pip-compile --generate-hashes, or uv export.',
  })
}

type Kind = 'requirement' | 'constraint'

/** Reads a file and those that it includes into one result. */
class Reader {
  readonly result: RequirementsFile = {
    requirements: [],
    constraints: [],
    indexUrl: undefined,
    extraIndexUrls: [],
    findLinks: [],
    noIndex: false,
    requireHashes: false,
    ignored: [],
    files: [],
  }
  readonly #options: ReadRequirementsOptions

  constructor(options: ReadRequirementsOptions) {
    this.#options = options
  }

  read(path: string, kind: Kind, including: readonly string[]): void {
    const shown = relative(this.#options.directory, path) || path
    if (including.includes(path))
      throw new UsageError(`"${shown}" includes itself.`, {
        code: 'REQUIREMENTS_LOOP',
        hint: 'Remove one of the -r or -c lines.',
        context: [...including, path].map((file) => `  ${file}`).join('\n'),
      })
    this.result.files.push(path)
    const text = readText(path, shown)
    for (const line of requirementLines(text, this.#options.environment)) {
      const origin = `${shown}, line ${line.number}`
      if (line.text.startsWith('-')) this.#option(line, origin, path, kind, including)
      else this.#requirement(line, origin, kind)
    }
  }

  #requirement({ text, shown }: RequirementLine, origin: string, kind: Kind): void {
    const at = /\s--?[a-z]/.exec(text)?.index ?? text.length
    const what = text.slice(0, at)
    const refused = refusal(what)
    if (refused) throw notSupported(shown, origin, refused)
    const entry: FileRequirement = {
      requirement: readOne(what, shown, origin),
      text: what.trim(),
      hashes: [],
      origin,
    }
    for (const [option, value] of optionsOf(text.slice(at))) {
      if (option !== '--hash')
        throw notSupported(shown, origin, `${option} means nothing to a wheel; remove it`)
      const [, sha256] = /^sha256:([\da-f]{64})$/i.exec(value) ?? []
      if (sha256 === undefined && !/^sha(?:384|512):/.test(value)) throw invalid(shown, origin)
      if (sha256 !== undefined) entry.hashes.push(sha256.toLowerCase())
      else if (!text.includes('sha256:'))
        throw notSupported(shown, origin, 'give the SHA-256 of its files as well')
    }
    if (kind === 'constraint') this.result.constraints.push(entry)
    else this.result.requirements.push(entry)
  }

  #option(
    line: RequirementLine,
    origin: string,
    path: string,
    kind: Kind,
    including: readonly string[],
  ): void {
    const { result } = this
    for (const [option, value] of optionsOf(line.text)) {
      const beside = isAbsolute(value) ? value : join(dirname(path), value)
      const isUrl = /^\w+:\/\//.test(value)
      if (value === '' && !NO_VALUE.has(option)) throw invalid(line.shown, origin)
      switch (option) {
        case '--requirement':
        case '--constraint':
          if (isUrl) throw notSupported(line.shown, origin, 'download the file, and name that')
          this.read(beside, option === '--constraint' ? 'constraint' : kind, [...including, path])
          break
        case '--index-url':
          result.indexUrl = value
          break
        case '--extra-index-url':
          result.extraIndexUrls.push(value)
          break
        case '--find-links':
          result.findLinks.push(isUrl ? value : beside)
          break
        case '--no-index':
          result.noIndex = true
          break
        case '--require-hashes':
          result.requireHashes = true
          break
        case '--editable':
          throw notSupported(line.shown, origin, LOCAL)
        default:
          if (!MEANINGLESS.has(option))
            throw notSupported(line.shown, origin, `${option} is not known here; remove it`)
          result.ignored.push(`${option} in ${origin}`)
      }
    }
  }
}

const NO_VALUE: ReadonlySet<string> = new Set(['--no-index', '--require-hashes', '--prefer-binary'])

/** Options and their values: `--hash=x`, `--hash x` and `-rx` are all ways to write them. */
function optionsOf(text: string): [option: string, value: string][] {
  const words = splitWords(text)
  const found: [string, string][] = []
  for (let at = 0; at < words.length; at++) {
    const [, name = '', attached] = /^(--[a-z-]+|-[a-z])(?:=?(.+))?$/s.exec(words[at] ?? '') ?? []
    const option = ALIASES[name] ?? (name || (words[at] ?? ''))
    const takesNext = attached === undefined && !NO_VALUE.has(option)
    found.push([option, attached ?? (takesNext ? (words[++at] ?? '') : '')])
  }
  return found
}

const LOCAL =
  'build a wheel of it (pip wheel --no-deps -w wheels .), and give the folder as --find-links and the package by name'

/** Why a requirement that is no name cannot be taken, and what to do. */
function refusal(text: string): string | undefined {
  const [, url = ''] = /^[^\s@]+\s*@\s*(\S+)/.exec(text) ?? []
  const target = url || text
  if (/^(?:git|hg|svn|bzr)(?:\+|:)/.test(target))
    return 'a layer is made of wheels: build one (pip wheel --no-deps -w wheels URL), and give the folder as --find-links'
  if (/^\.{0,2}[\\/]|^\.$|^file:|^[A-Za-z]:\\/.test(target)) return LOCAL
  if (/^https?:/.test(text)) return `write it as NAME @ ${maskLogins(text)}`
  if (/\.whl$|\.tar\.gz$|\.zip$/.test(text) && url === '') return LOCAL
  return undefined
}

function readOne(text: string, shown: string, origin: string): Requirement {
  try {
    return parseRequirement(text)
  } catch (error) {
    // Its message quotes the text, and a secret may be in that by now.
    if (error instanceof UsageError) throw invalid(shown, origin)
    throw error
  }
}

function readText(path: string, shown: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`"${shown}" cannot be read.`, {
      code: 'FILE_NOT_READABLE',
      hint: 'Check the path and the rights on it.',
      details: { file: path },
      cause: error,
    })
  }
}

function invalid(shown: string, origin: string): UsageError {
  return new UsageError(`${JSON.stringify(shown)} is not a requirement (${origin}).`, {
    code: 'INVALID_REQUIREMENT',
    hint: 'Write a package like psycopg2-binary, pillow==11.3.0 or requests[socks]>=2.31.',
    details: { origin },
  })
}

function notSupported(shown: string, origin: string, remedy: string): UsageError {
  return new UsageError(`${JSON.stringify(shown)} cannot be put into a layer (${origin}).`, {
    code: 'REQUIREMENT_NOT_SUPPORTED',
    hint: `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.`,
    details: { origin },
  })
}
