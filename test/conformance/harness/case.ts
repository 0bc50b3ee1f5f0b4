import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from './digest.ts'
import type { Mode } from './runner.ts'

/** What a runner owes: see README.md, "Classes". */
export type CaseClass = 'must-equal' | 'must-refuse' | 'may-refuse'

export type PerMode<T> = Record<Mode, T>

/** An error or notice as psql printed it. */
export interface PsqlMessage {
  severity: string
  sqlstate: string | null
  message: string
  file: string | null
  line_psql_printed: number | null
  detail?: string
  hint?: string
}

/** The record of a case, `expect.json`. What is missing was empty in both modes. */
export interface CaseRecord {
  note: string
  class: CaseClass
  area: string
  records_stdout: boolean
  error_line_of_statement_start: PerMode<number | null>
  error_file: PerMode<string | null>
  exit: PerMode<number | 'timeout'>
  sqlstate: PerMode<string | null>
  errors: PerMode<PsqlMessage[]>
  notices: PerMode<PsqlMessage[]>
  stdout_lines?: PerMode<string[] | null> | undefined
  main_database_exists: PerMode<boolean>
  catalog: PerMode<string[][]>
  rows: PerMode<string[][]>
  databases_created: PerMode<string[]>
  other_databases?: PerMode<Record<string, Digest> | null> | undefined
  roles_created?: PerMode<string[] | null> | undefined
  system_settings?: PerMode<string[] | null> | undefined
  files_written?: PerMode<Record<string, string> | null> | undefined
  same_in_both_modes: boolean
}

/** A script with all that belongs to it, and what psql did with it. */
export interface ConformanceCase {
  /** Name of the folder, `NNN-area-subject`. */
  name: string
  folder: string
  /** The main database the script runs in; some scripts name it. */
  database: string
  /** Whether a `gen.py` writes part of the case before it runs. */
  generated: boolean
  /** Whether a `setup.sql` runs before the script. */
  prepared: boolean
  record: CaseRecord
}

/** Loads one case folder. */
function loadCase(folder: string, name: string): ConformanceCase {
  const path = join(folder, name)
  const record: CaseRecord = JSON.parse(readFileSync(join(path, 'expect.json'), 'utf8'))
  return {
    name,
    folder: path,
    database: `conf_${name.slice(0, 3)}`,
    generated: existsSync(join(path, 'gen.py')),
    prepared: existsSync(join(path, 'setup.sql')),
    record,
  }
}

/** Loads every case below a folder, in the order of their numbers. */
export function loadCases(folder: string): ConformanceCase[] {
  const names = readdirSync(folder).filter((name) => /^\d{3}-/.test(name))
  return names.toSorted().map((name) => loadCase(folder, name))
}

/** Whether a `\connect` (or `\c`) stands on that line of that file of the case. */
export function connectsAt(testCase: ConformanceCase, file: string, line: number): boolean {
  const path = join(testCase.folder, file)
  if (!existsSync(path)) return false
  return /\\c(?:onnect)?(?!\S)/.test(readFileSync(path, 'latin1').split('\n')[line - 1] ?? '')
}
