import { TEST_MAJOR } from '../support/major.ts'
import { cruddurRunner } from './harness/cruddur-runner.ts'
import { expectationFrom, expectationOf } from './harness/expectation.ts'
import { changedSinceRecord, isMeasurable } from './harness/psql-changes.ts'
import { psqlOutcome } from './harness/psql-outcome.ts'
import { ALL_CASES, conformanceSuite, useCluster } from './harness/suite.ts'
import { missingForPsql } from './harness/tools.ts'

const clusterForPsql = useCluster(TEST_MAJOR)

// The server of this run, by default what the embedded server is: errors and definitions differ from 15, so psql is run beside it
conformanceSuite({
  major: TEST_MAJOR,
  runner: cruddurRunner,
  cases: ALL_CASES.filter((testCase) => isMeasurable(testCase.name, TEST_MAJOR)),
  missing: missingForPsql,
  async expectationFor({ testCase, mode }) {
    if (changedSinceRecord(testCase.name, TEST_MAJOR)) return expectationOf(testCase, mode)
    return expectationFrom(await psqlOutcome(clusterForPsql(), testCase, mode), testCase, mode)
  },
})
