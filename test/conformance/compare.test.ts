import { describe, expect, test } from 'vitest'
import type { ClusterState } from './harness/cluster.ts'
import { compare } from './harness/compare.ts'
import type { Expectation } from './harness/expectation.ts'
import type { Outcome } from './harness/outcome.ts'
import type { RunnerReport } from './harness/runner.ts'

const EMPTY_SUM = 'd41d8cd98f00b204e9800998ecf8427e'

function state(...tables: string[]): ClusterState {
  const catalog = tables.map((table) => ['table', table, 'owner=postgres'])
  const rows = tables.map((table) => ['table', table, '0', EMPTY_SUM])
  return { databases: { conf_001: { catalog, rows } }, roles: [], settings: [] }
}

const done: RunnerReport = { exit: 'ok', sqlstate: null, errorFile: null, errorLine: null, message: '' }
const failed: RunnerReport = {
  exit: 'error',
  sqlstate: '42P01',
  errorFile: 'script.sql',
  errorLine: 2,
  message: 'relation "nowhere" does not exist',
}
const refused: RunnerReport = { ...failed, sqlstate: null, message: 'this is not done here' }

/** A script that creates the table t. */
const success: Expectation = {
  class: 'must-equal',
  mode: 'single_transaction',
  exit: 'ok',
  sqlstate: null,
  location: null,
  errorPassedOver: false,
  after: state('t'),
  filesWritten: {},
}

/** A script that fails on line 2. */
const failure: Expectation = {
  ...success,
  exit: 'error',
  sqlstate: '42P01',
  location: { file: 'script.sql', line: 2 },
  after: state(),
}

function differences(expected: Expectation, outcome: Partial<Outcome>, connectLine?: number): string[] {
  const whole = { report: done, before: state(), after: expected.after, filesWritten: {}, ...outcome }
  return compare(expected, whole, (_file, line) => line === connectLine)
}

describe('must-equal', () => {
  test('the same outcome conforms', () => {
    expect(differences(success, {})).toEqual([])
    expect(differences(failure, { report: failed })).toEqual([])
  })

  test.each<[string, Expectation, Partial<Outcome>, string]>([
    ['an error instead of success', success, { report: failed }, 'exit: ok was expected, error came'],
    ['success instead of an error', failure, {}, 'exit: error was expected, ok came'],
    ['another SQLSTATE', failure, { report: { ...failed, sqlstate: '42601' } }, '42P01 was expected, 42601'],
    ['no SQLSTATE', failure, { report: refused }, 'sqlstate: 42P01 was expected, null came'],
    ['another line', failure, { report: { ...failed, errorLine: 3 } }, 'error line: 2 was expected, 3 came'],
    ['another file', failure, { report: { ...failed, errorFile: 'b.sql' } }, 'error file: script.sql was'],
    ['no place', failure, { report: { ...failed, errorLine: null } }, 'error line: 2 was expected, null'],
    ['a missing table', success, { after: state() }, 'missing: conf_001: table | t'],
    ['a table too much', success, { after: state('t', 'u') }, 'too much: conf_001: table | u'],
    ['a missing database', success, { after: { ...state(), databases: {} } }, 'missing: database conf_001'],
    ['a role too much', success, { after: { ...state('t'), roles: ['conf_r1'] } }, 'too much: role conf_r1'],
    ['a setting', success, { after: { ...state('t'), settings: ['a=1'] } }, 'too much: ALTER SYSTEM a=1'],
    ['a file written', success, { filesWritten: { x: EMPTY_SUM } }, 'file x was written'],
  ])('%s is a difference', (_what, expected, outcome, difference) => {
    expect(differences(expected, outcome).join('\n')).toContain(difference)
  })

  test('other rows are a difference', () => {
    const after = state('t')
    after.databases['conf_001']?.rows.splice(0, 1, ['table', 't', '1', EMPTY_SUM])
    expect(differences(success, { after })).toHaveLength(2)
  })

  test('the line on which a statement ends may lie behind its begin, not before it', () => {
    const printed: RunnerReport = { ...failed, lineIsEnd: true }
    expect(differences(failure, { report: { ...printed, errorLine: 4 } })).toEqual([])
    expect(differences(failure, { report: { ...printed, errorLine: 1 } })).toHaveLength(1)
  })
})

describe('an error that psql passes over', () => {
  const passedOver: Expectation = { ...success, sqlstate: '22012', errorPassedOver: true }

  test('may be reported under single_transaction', () => {
    expect(differences(passedOver, { report: failed })).toEqual([])
  })

  test('must leave the same database', () => {
    expect(differences(passedOver, { report: failed, after: state() })).not.toEqual([])
  })

  test('may not be reported in plain mode', () => {
    expect(differences({ ...passedOver, mode: 'plain' }, { report: failed })).not.toEqual([])
  })
})

describe('\\connect under single_transaction', () => {
  test('may be refused where it stands', () => {
    expect(differences(success, { report: refused, after: state() }, 2)).toEqual([])
  })

  test('may not be given as the reason for an error elsewhere', () => {
    expect(differences(success, { report: refused, after: state() }, 7)).not.toEqual([])
  })

  test('may not be refused with something left behind', () => {
    expect(differences(success, { report: refused, after: state('u') }, 2)).not.toEqual([])
  })

  test('may not be refused in plain mode', () => {
    expect(differences({ ...success, mode: 'plain' }, { report: refused, after: state() }, 2)).not.toEqual([])
  })
})

describe('may-refuse', () => {
  const optional: Expectation = { ...success, class: 'may-refuse' }

  test('the recorded outcome conforms', () => {
    expect(differences(optional, {})).toEqual([])
  })

  test('a refusal that leaves nothing conforms', () => {
    expect(differences(optional, { report: refused, after: state() })).toEqual([])
  })

  test('a refusal may leave something in plain mode', () => {
    expect(differences({ ...optional, mode: 'plain' }, { report: refused, after: state('u') })).toEqual([])
  })

  test.each<[string, Partial<Outcome>]>([
    ['silence with another database', { after: state() }],
    ['a refusal that leaves something', { report: refused, after: state('u') }],
    ['a refusal without a message', { report: { ...refused, message: '' }, after: state() }],
    ["the server's error", { report: failed, after: state() }],
  ])('%s does not conform', (_what, outcome) => {
    expect(differences(optional, outcome)).not.toEqual([])
  })
})

describe('must-refuse', () => {
  const forbidden: Expectation = { ...success, class: 'must-refuse' }

  test('an error that leaves nothing conforms', () => {
    expect(differences(forbidden, { report: refused, after: state() })).toEqual([])
  })

  test.each<[string, Partial<Outcome>, string]>([
    ['the recorded outcome', {}, 'it ended without an error'],
    ['something left behind', { report: refused, after: state('t') }, 'left behind: too much'],
    ['a program that was run', { report: refused, filesWritten: { ran_a_program: '' } }, 'a program was run'],
  ])('%s does not conform', (_what, outcome, fault) => {
    expect(differences(forbidden, outcome).join('\n')).toContain(fault)
  })
})
