import { isDeepStrictEqual } from 'node:util'
import type { CaseRecord, ConformanceCase, PerMode, PsqlMessage } from './case.ts'
import type { Cluster } from './cluster.ts'
import type { Digest } from './digest.ts'
import { parsePsqlMessages } from './psql-messages.ts'
import { psqlArguments } from './psql-runner.ts'
import { runPsql, type PsqlRun } from './psql.ts'
import { MODES, type Mode } from './runner.ts'
import { prepareStage } from './stage.ts'

/** What is recorded of one mode. */
interface Recorded {
  exit: number | 'timeout'
  sqlstate: string | null
  errors: PsqlMessage[]
  notices: PsqlMessage[]
  stdout_lines: string[]
  main_database_exists: boolean
  catalog: string[][]
  rows: string[][]
  databases_created: string[]
  other_databases: Record<string, Digest>
  roles_created: string[]
  system_settings: string[]
  files_written: Record<string, string>
}

function stdoutLines(run: PsqlRun): string[] {
  const lines = run.stdout.toString().split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

async function recordMode(cluster: Cluster, testCase: ConformanceCase, mode: Mode): Promise<Recorded> {
  const stage = await prepareStage(cluster, testCase)
  try {
    const run = await runPsql(stage.url, psqlArguments(mode, 'script.sql'), stage.folder)
    const state = await cluster.state()
    const { errors, notices } = parsePsqlMessages(run.stderr)
    const { [testCase.database]: main, ...others } = state.databases
    return {
      exit: run.exit,
      sqlstate: errors.find((error) => error.sqlstate !== null)?.sqlstate ?? null,
      errors,
      notices,
      stdout_lines: testCase.record.records_stdout ? stdoutLines(run) : [],
      main_database_exists: main !== undefined,
      catalog: main?.catalog ?? [],
      rows: main?.rows ?? [],
      databases_created: Object.keys(others),
      other_databases: others,
      roles_created: state.roles,
      system_settings: state.settings,
      files_written: await stage.filesWritten(),
    }
  } finally {
    await stage.remove()
    await cluster.clean()
  }
}

/** The value in both modes; where it is empty it is null, and nothing when it is empty in both. */
function unlessEmpty<T extends object>(single: T, plain: T): PerMode<T | null> | undefined {
  const [first, second] = [single, plain].map((value) => (Object.keys(value).length > 0 ? value : null))
  return first || second ? { single_transaction: first ?? null, plain: second ?? null } : undefined
}

/**
 * Records what psql does with a case in both modes; what is written by hand is taken over from the case. The fields
 * are in the order in which they are written; those that are `undefined` are left out.
 */
export async function recordCase(cluster: Cluster, testCase: ConformanceCase) {
  const { record } = testCase
  const single = await recordMode(cluster, testCase, 'single_transaction')
  const plain = await recordMode(cluster, testCase, 'plain')
  const both = <K extends keyof Recorded>(key: K): PerMode<Recorded[K]> => ({
    single_transaction: single[key],
    plain: plain[key],
  })
  return {
    note: record.note,
    class: record.class,
    area: record.area,
    records_stdout: record.records_stdout,
    error_line_of_statement_start: record.error_line_of_statement_start,
    error_file: record.error_file,
    exit: both('exit'),
    sqlstate: both('sqlstate'),
    errors: both('errors'),
    notices: both('notices'),
    stdout_lines: record.records_stdout ? both('stdout_lines') : undefined,
    main_database_exists: both('main_database_exists'),
    catalog: both('catalog'),
    rows: both('rows'),
    databases_created: both('databases_created'),
    other_databases: unlessEmpty(single.other_databases, plain.other_databases),
    roles_created: unlessEmpty(single.roles_created, plain.roles_created),
    system_settings: unlessEmpty(single.system_settings, plain.system_settings),
    files_written: unlessEmpty(single.files_written, plain.files_written),
    same_in_both_modes: isDeepStrictEqual(single, plain),
  } satisfies CaseRecord
}

/** What does not fit together between the lines written by hand and the errors that psql reported. */
export function handwrittenFaults(record: CaseRecord): string[] {
  return MODES.flatMap((mode) => {
    const [error] = record.errors[mode]
    const line = record.error_line_of_statement_start[mode]
    const file = record.error_file[mode]
    const printed = error?.line_psql_printed ?? null
    if ((error === undefined) !== (line === null) && !(error && error.file === null))
      return [`${mode}: the start line is ${line}, and the first error is ${error?.message ?? 'none'}`]
    if (printed !== null && (line ?? 0) > printed)
      return [`${mode}: the start line ${line} is behind the line that psql printed, ${printed}`]
    if (printed !== null && error?.file !== file)
      return [`${mode}: the error file is ${file}, and psql printed ${error?.file}`]
    return []
  })
}
