import { cruddurRunner } from './harness/cruddur-runner.ts'
import { expectationOf } from './harness/expectation.ts'
import { conformanceSuite } from './harness/suite.ts'

// PostgreSQL 15: what the records were made with
conformanceSuite({
  major: 15,
  runner: cruddurRunner,
  expectationFor: ({ testCase, mode }) => expectationOf(testCase, mode),
})
