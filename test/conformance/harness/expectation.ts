import { normalize } from 'node:path'
import type { CaseClass, ConformanceCase } from './case.ts'
import type { ClusterState } from './cluster.ts'
import type { Digest } from './digest.ts'
import type { Outcome } from './outcome.ts'
import type { Mode } from './runner.ts'

/** What a runner is held to in one mode. */
export interface Expectation {
  class: CaseClass
  mode: Mode
  exit: 'ok' | 'error'
  sqlstate: string | null
  /** Where the failing statement begins; `undefined` where that is not known. */
  location: { file: string; line: number } | null | undefined
  /** psql ended with 0 although the server reported an error. */
  errorPassedOver: boolean
  after: ClusterState
  filesWritten: Record<string, string>
}

/** What the record of a case demands. */
export function expectationOf(testCase: ConformanceCase, mode: Mode): Expectation {
  const { record, database } = testCase
  const main: Digest = { catalog: record.catalog[mode], rows: record.rows[mode] }
  return {
    class: record.class,
    mode,
    exit: record.exit[mode] === 0 ? 'ok' : 'error',
    sqlstate: record.sqlstate[mode],
    location: recordedLocation(testCase, mode),
    errorPassedOver: record.exit[mode] === 0 && record.sqlstate[mode] !== null,
    after: {
      databases: {
        ...(record.main_database_exists[mode] ? { [database]: main } : {}),
        ...record.other_databases?.[mode],
      },
      roles: record.roles_created?.[mode] ?? [],
      settings: record.system_settings?.[mode] ?? [],
    },
    filesWritten: record.files_written?.[mode] ?? {},
  }
}

function recordedLocation(testCase: ConformanceCase, mode: Mode): { file: string; line: number } | null {
  const file = testCase.record.error_file[mode]
  const line = testCase.record.error_line_of_statement_start[mode]
  return file === null || line === null ? null : { file: normalize(file), line }
}

/**
 * What psql's own outcome on another server demands. Where a failing statement begins psql does not say; that is
 * taken from the record when psql stopped at the same place as then.
 */
export function expectationFrom(psql: Outcome, testCase: ConformanceCase, mode: Mode): Expectation {
  const { report, after, filesWritten } = psql
  const recorded = testCase.record.errors[mode][0]
  const sameError =
    report.errorLine === (recorded?.line_psql_printed ?? null) &&
    (report.errorLine === null || report.errorFile === normalize(recorded?.file ?? ''))
  return {
    class: testCase.record.class,
    mode,
    exit: report.exit,
    sqlstate: report.sqlstate,
    location: sameError ? recordedLocation(testCase, mode) : undefined,
    errorPassedOver: report.exit === 'ok' && report.sqlstate !== null,
    after,
    filesWritten,
  }
}
