import type { Expectation } from './expectation.ts'
import type { Outcome } from './outcome.ts'
import { stateDifferences } from './state-difference.ts'

/** The file that every script of class must-refuse would write through a program. */
const PROGRAM_MARK = 'ran_a_program'

/**
 * Holds an outcome against what is demanded, by the rules of the case's class.
 * @param connectsAt whether there is a `\connect` on that line of that file of the case
 * @returns readable differences; empty when the outcome conforms
 */
export function compare(
  expected: Expectation,
  outcome: Outcome,
  connectsAt: (file: string, line: number) => boolean,
): string[] {
  if (expected.class === 'must-refuse') return refusalFaults(expected, outcome)
  const differences = recordDifferences(expected, outcome)
  if (differences.length === 0) return []
  if (expected.class === 'may-refuse') {
    const faults = ownRefusalFaults(expected, outcome)
    return faults.length === 0 ? [] : [...differences, ...faults.map((fault) => `nor a refusal: ${fault}`)]
  }
  if (expected.mode === 'single_transaction') {
    if (reportsPassedOverError(expected, outcome)) return []
    if (refusesConnect(outcome, connectsAt) && ownRefusalFaults(expected, outcome).length === 0) return []
  }
  return differences
}

function recordDifferences(expected: Expectation, outcome: Outcome): string[] {
  return [
    ...exitDifferences(expected, outcome),
    ...locationDifferences(expected, outcome),
    ...stateDifferences(expected.after, outcome.after),
    ...fileDifferences(expected, outcome),
  ]
}

function exitDifferences(expected: Expectation, { report }: Outcome): string[] {
  if (report.exit !== expected.exit) {
    const reason = report.message === '' ? '' : ` (${report.message})`
    return [`exit: ${expected.exit} was expected, ${report.exit} came${reason}`]
  }
  // a runner that ends well has no error to take a SQLSTATE from, although one may have been passed over
  const tells = report.exit === 'error' || report.sqlstate !== null
  if (expected.sqlstate === null || !tells || report.sqlstate === expected.sqlstate) return []
  return [`sqlstate: ${expected.sqlstate} was expected, ${report.sqlstate} came (${report.message})`]
}

function locationDifferences(expected: Expectation, { report }: Outcome): string[] {
  const { location } = expected
  if (expected.exit === 'ok' || report.exit === 'ok' || location === undefined) return []
  // an error of no statement, such as that of the final COMMIT: nothing to point at, but no harm in it either
  if (location === null || (report.lineIsEnd && report.errorLine === null)) return []
  const differences: string[] = []
  if (report.errorFile !== location.file)
    differences.push(`error file: ${location.file} was expected, ${report.errorFile} came`)
  const fits = report.lineIsEnd
    ? (report.errorLine ?? 0) >= location.line
    : report.errorLine === location.line
  if (!fits) differences.push(`error line: ${location.line} was expected, ${report.errorLine} came`)
  return differences
}

function fileDifferences(expected: Expectation, outcome: Outcome): string[] {
  const names = new Set([...Object.keys(expected.filesWritten), ...Object.keys(outcome.filesWritten)])
  return [...names]
    .filter((name) => expected.filesWritten[name] !== outcome.filesWritten[name])
    .map((name) => {
      if (outcome.filesWritten[name] === undefined) return `file ${name} was not written`
      return expected.filesWritten[name] === undefined
        ? `file ${name} was written`
        : `file ${name} has other contents`
    })
}

/** What keeps an outcome from being a refusal: an error that is told, and in one transaction nothing left behind. */
function refusalFaults(expected: Expectation, outcome: Outcome): string[] {
  const faults: string[] = []
  if (outcome.report.exit !== 'error') faults.push('it ended without an error')
  else if (outcome.report.message === '') faults.push('the error has no message')
  if (outcome.filesWritten[PROGRAM_MARK] !== undefined) faults.push('a program was run')
  if (expected.mode === 'single_transaction')
    for (const line of stateDifferences(outcome.before, outcome.after)) faults.push(`left behind: ${line}`)
  return faults
}

/** Where refusing is a choice it must be the runner's own, not an error that the server happened to give. */
function ownRefusalFaults(expected: Expectation, outcome: Outcome): string[] {
  const { sqlstate } = outcome.report
  const faults = refusalFaults(expected, outcome)
  return sqlstate === null ? faults : [...faults, `the error is the server's (${sqlstate})`]
}

/** First allowance: psql is silent about a transaction that came to nothing; an error is better. */
function reportsPassedOverError(expected: Expectation, outcome: Outcome): boolean {
  return (
    expected.errorPassedOver &&
    outcome.report.exit === 'error' &&
    stateDifferences(expected.after, outcome.after).length === 0 &&
    fileDifferences(expected, outcome).length === 0
  )
}

/** Second allowance: psql drops the open transaction at `\connect` and goes on; a runner may refuse it. */
function refusesConnect({ report }: Outcome, connectsAt: (file: string, line: number) => boolean): boolean {
  if (report.exit !== 'error' || report.errorFile === null || report.errorLine === null) return false
  return connectsAt(report.errorFile, report.errorLine)
}
