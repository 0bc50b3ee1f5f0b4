import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import { UsageError } from '../../errors.ts'

/** A table in a TOML file, of which nothing is known yet. */
export type Table = Readonly<Record<string, unknown>>

/**
 * Reads a TOML file.
 * @throws {UsageError} `FILE_NOT_READABLE`, `LOCK_INVALID`
 */
export function readToml(path: string): Table {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`"${path}" cannot be read.`, {
      code: 'FILE_NOT_READABLE',
      hint: 'Check the path and the rights on it.',
      details: { file: path },
      cause: error,
    })
  }
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    throw lockInvalid(path, `line ${error.line} is not TOML`)
  }
}

/** A table, or an empty one where there is something else. */
export function tableOf(value: unknown): Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : {}
}

/** The tables of a list; empty where there is none. */
export function tablesOf(value: unknown): Table[] {
  return Array.isArray(value) ? value.map(tableOf) : []
}

/** A text, or `undefined` where there is something else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The texts of a list; empty where there is none. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

/** @returns the error of a file that cannot be understood */
export function lockInvalid(path: string, reason: string): UsageError {
  const file = basename(path)
  return new UsageError(`"${file}" cannot be read: ${reason}.`, {
    code: 'LOCK_INVALID',
    hint: 'Write it again with the tool that it is from: uv lock, poetry lock, pip lock.',
    details: { file: path },
  })
}

/** @returns the error of a package in a lock that cannot go into a layer */
export function lockNotSupported(path: string, name: string, what: string): UsageError {
  return new UsageError(`${name} in "${basename(path)}" ${what}, and not a package of an index.`, {
    code: 'REQUIREMENT_NOT_SUPPORTED',
    hint: 'Build a wheel of it (pip wheel --no-deps -w wheels), and give the folder as --find-links and the package by name.',
    details: { file: path, package: name },
  })
}
