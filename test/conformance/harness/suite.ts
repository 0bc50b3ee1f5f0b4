import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectsAt, loadCases, type ConformanceCase } from './case.ts'
import { Cluster } from './cluster.ts'
import { compare } from './compare.ts'
import type { Expectation } from './expectation.ts'
import { runCase } from './outcome.ts'
import { MODES, type Mode, type ScriptRunner } from './runner.ts'
import { type ConformanceServer, startConformanceServer } from './server.ts'
import { missingForStage, requireTools } from './tools.ts'

/** Milliseconds: two runs of a script that hangs, and what goes with them. */
const TEST_TIMEOUT = 120_000

const FOLDER = join(import.meta.dirname, '..')

/** The cases that were handed to this project, and those it added. */
export const ALL_CASES: readonly ConformanceCase[] = [
  ...loadCases(join(FOLDER, 'cases')),
  ...loadCases(join(FOLDER, 'own')),
]

/** A case in a mode: one test. */
export interface Trial {
  testCase: ConformanceCase
  name: string
  mode: Mode
}

/** Each case in both modes. */
export function trialsOf(cases: readonly ConformanceCase[]): Trial[] {
  return cases.flatMap((testCase) => MODES.map((mode) => ({ testCase, name: testCase.name, mode })))
}

/** Starts a server for the tests of this file and stops it after them; the cluster is there once they run. */
export function useCluster(major: number): () => Cluster {
  let server: ConformanceServer | undefined
  let cluster: Cluster | undefined
  beforeAll(async () => {
    server = await startConformanceServer(major)
    cluster = new Cluster(server.url)
  })
  afterAll(async () => {
    await cluster?.close()
    await server?.stop()
  })
  return () => {
    if (!cluster) throw new Error('the server has not been started')
    return cluster
  }
}

/** Runs a trial; returns in what the outcome differs from what is expected. */
export async function differencesOf(
  cluster: Cluster,
  { testCase, mode }: Trial,
  runner: ScriptRunner,
  expectation: Expectation | Promise<Expectation>,
): Promise<string[]> {
  const running = runCase(cluster, testCase, mode, runner)
  // both must have ended before the next test uses the clusters, also when one of them throws
  await Promise.allSettled([running, expectation])
  return compare(await expectation, await running, (file, line) => connectsAt(testCase, file, line))
}

/**
 * Defines one test for each case and mode: the runner must conform on that server.
 * @param expectationFor gives the measure, while the runner runs: on another cluster, if on any
 * @param cases all by default
 * @param missing why no test can run; asked in each
 */
export function conformanceSuite(options: {
  major: number
  runner: ScriptRunner
  expectationFor: (trial: Trial) => Expectation | Promise<Expectation>
  cases?: readonly ConformanceCase[]
  missing?: () => string | undefined
}): void {
  const cluster = useCluster(options.major)
  test.for(trialsOf(options.cases ?? ALL_CASES))(
    '$name, $mode',
    { timeout: TEST_TIMEOUT },
    async (trial, { skip }) => {
      requireTools(options.missing?.() ?? missingForStage(trial.testCase), skip)
      const expectation = options.expectationFor(trial)
      expect(await differencesOf(cluster(), trial, options.runner, expectation)).toEqual([])
    },
  )
}
