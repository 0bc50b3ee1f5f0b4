import { describe, expect, test } from 'vitest'
import type { CaseClass } from './harness/case.ts'
import { expectationOf } from './harness/expectation.ts'
import { changedSinceRecord } from './harness/psql-changes.ts'
import { psqlRunner } from './harness/psql-runner.ts'
import type { ScriptRunner } from './harness/runner.ts'
import { ALL_CASES, differencesOf, type Trial, trialsOf, useCluster } from './harness/suite.ts'
import { missingForPsql, missingForStage, requireTools } from './harness/tools.ts'

/** The whole takes psql a minute, and `record.ts --check` does it; here a part is enough. */
const SAMPLE_STEP = 12

const cluster = useCluster(15)

const usable = ALL_CASES.filter((testCase) => !changedSinceRecord(testCase.name, 15))
const sample = usable.filter(
  (testCase, index) => index % SAMPLE_STEP === 0 && !isProgram(testCase.record.class),
)
const programs = usable.filter((testCase) => isProgram(testCase.record.class)).slice(0, 3)

function isProgram(caseClass: CaseClass): boolean {
  return caseClass === 'must-refuse'
}

function psqlDifferences(trial: Trial, runner: ScriptRunner = psqlRunner): Promise<string[]> {
  return differencesOf(cluster(), trial, runner, expectationOf(trial.testCase, trial.mode))
}

describe('psql as the runner, measured by its own records', () => {
  test.for(trialsOf(sample))('conforms in $name, $mode', async (trial, { skip }) => {
    requireTools(missingForPsql() ?? missingForStage(trial.testCase), skip)
    expect(await psqlDifferences(trial)).toEqual([])
  })

  test.for(trialsOf(programs))('does not conform in $name, $mode', async (trial, { skip }) => {
    requireTools(missingForPsql() ?? missingForStage(trial.testCase), skip)
    expect(await psqlDifferences(trial)).toContain('a program was run')
  })
})
