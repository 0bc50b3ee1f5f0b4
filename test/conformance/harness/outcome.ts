import { isAbsolute, normalize, relative } from 'node:path'
import type { ConformanceCase } from './case.ts'
import type { Cluster, ClusterState } from './cluster.ts'
import type { Mode, RunnerReport, ScriptRunner } from './runner.ts'
import { prepareStage } from './stage.ts'

/** What a run did: what the runner says, and what is there afterwards. */
export interface Outcome {
  report: RunnerReport
  /** What the cluster held before the script ran, and what it holds now. */
  before: ClusterState
  after: ClusterState
  /** Files the run wrote or changed in its working directory: path to md5. */
  filesWritten: Record<string, string>
}

/**
 * Runs a case from the start with a runner, and looks at what it did. The cluster is clean afterwards.
 * @throws {Error} when the case cannot be made ready, or the runner throws instead of reporting
 */
export async function runCase(
  cluster: Cluster,
  testCase: ConformanceCase,
  mode: Mode,
  runner: ScriptRunner,
): Promise<Outcome> {
  const stage = await prepareStage(cluster, testCase)
  try {
    const report = await runner({ url: stage.url, file: 'script.sql', cwd: stage.folder, mode })
    return {
      report: { ...report, errorFile: relativeTo(stage.folder, report.errorFile) },
      before: stage.before,
      after: await cluster.state(),
      filesWritten: await stage.filesWritten(),
    }
  } finally {
    await stage.remove()
    await cluster.clean()
  }
}

/** The file as the records name it: relative to the working directory. */
function relativeTo(folder: string, file: string | null): string | null {
  if (file === null) return null
  return isAbsolute(file) ? relative(folder, file) : normalize(file)
}
