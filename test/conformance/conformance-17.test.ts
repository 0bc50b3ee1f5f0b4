import { cruddurRunner } from './harness/cruddur-runner.ts'
import { expectationFrom, expectationOf } from './harness/expectation.ts'
import { changedSinceRecord } from './harness/psql-changes.ts'
import { psqlOutcome } from './harness/psql-outcome.ts'
import { conformanceSuite, useCluster } from './harness/suite.ts'
import { missingForPsql } from './harness/tools.ts'

const clusterForPsql = useCluster(17)

// PostgreSQL 17, which the embedded server is: some errors and definitions differ from 15, so psql is run beside it
conformanceSuite({
  major: 17,
  runner: cruddurRunner,
  missing: missingForPsql,
  async expectationFor({ testCase, mode }) {
    if (changedSinceRecord(testCase.name) !== undefined) return expectationOf(testCase, mode)
    return expectationFrom(await psqlOutcome(clusterForPsql(), testCase, mode), testCase, mode)
  },
})
