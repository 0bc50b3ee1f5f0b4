import { execFileSync } from 'node:child_process'
import type { ConformanceCase } from './case.ts'
import { PSQL } from './psql.ts'

/** What the harness cannot work without, and why it is not there; `undefined` when it is. */
export type Missing = string | undefined

function versionOf(program: string): string | undefined {
  try {
    return execFileSync(program, ['--version'], { encoding: 'utf8' })
  } catch {
    return undefined
  }
}

let python: Missing | null = null
let psql: { missing: Missing; version: string } | undefined

function missingPython(): Missing {
  if (python === null)
    python = versionOf('python3') === undefined ? 'there is no python3, which generates this case' : undefined
  return python
}

function psqlFound(): { missing: Missing; version: string } {
  if (psql) return psql
  const version = versionOf(PSQL)
  psql = {
    missing: version === undefined ? 'there is no psql on the path' : undefined,
    version: /\d+\.\d+/.exec(version ?? '')?.[0] ?? '',
  }
  return psql
}

/** The version of psql, e.g. `15.20`; empty when there is none. */
export function psqlVersion(): string {
  return psqlFound().version
}

/** What is missing to make a case ready. */
export function missingForStage(testCase: ConformanceCase): Missing {
  return (
    (testCase.prepared ? psqlFound().missing : undefined) ??
    (testCase.generated ? missingPython() : undefined)
  )
}

/**
 * What is missing to take psql's behaviour as the measure: psql 15 to 17, new enough to know `\restrict`. From 18
 * on psql reads `\.` in CSV data otherwise, on purpose.
 */
export function missingForPsql(): Missing {
  const { missing, version } = psqlFound()
  if (missing !== undefined) return missing
  const [major = 0, minor = 0] = version.split('.').map(Number)
  // release notes of August 2025 (CVE-2025-8714)
  const firstMinor: Record<number, number> = { 15: 14, 16: 10, 17: 6 }
  const wanted = firstMinor[major]
  if (wanted !== undefined && minor >= wanted) return undefined
  return `psql ${version} is none of 15.14, 16.10, 17.6 or a later minor of them`
}

/**
 * Skips the test with a reason when something is missing. In continuous integration it fails instead: there,
 * nothing may be left out unseen.
 */
export function requireTools(missing: Missing, skip: (reason: string) => void): void {
  if (missing === undefined) return
  if (process.env['CI']) throw new Error(`CI must not skip: ${missing}`)
  skip(missing)
}
