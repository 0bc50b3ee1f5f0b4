import { createHash } from 'node:crypto'
import { execFile } from 'node:child_process'
import { chmod, cp, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { promisify } from 'node:util'
import type { ConformanceCase } from './case.ts'
import type { Cluster, ClusterState } from './cluster.ts'
import { runPsql } from './psql.ts'

const execute = promisify(execFile)

/** A case made ready: its files in a place of their own, its database there, generator and setup run. */
export interface Stage {
  /** The working directory of the run. */
  folder: string
  url: string
  /** What the cluster held before the script ran. */
  before: ClusterState
  /** Which files the run wrote or changed: path below the folder, to md5. */
  filesWritten(): Promise<Record<string, string>>
  remove(): Promise<void>
}

/**
 * Makes a case ready on a clean cluster.
 * @throws {Error} when `gen.py` or `setup.sql` fails
 */
export async function prepareStage(cluster: Cluster, testCase: ConformanceCase): Promise<Stage> {
  await cluster.clean()
  const creating = cluster.createDatabase(testCase.database)
  const folder = await copyFiles(testCase)
  await creating
  const url = cluster.urlOf(testCase.database)
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    if (testCase.generated) await execute('python3', ['gen.py'], { cwd: folder })
    if (testCase.prepared) await runSetup(url, folder)
    const before = testCase.prepared ? await cluster.state() : await cluster.freshState(testCase.database)
    const files = await hashFiles(folder)
    return { folder, url, before, remove, filesWritten: async () => changes(files, await hashFiles(folder)) }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Copies the case to a new folder that the server's user can read as well: some scripts use server-side COPY. */
async function copyFiles(testCase: ConformanceCase): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'cruddur-conformance-')))
  await cp(testCase.folder, folder, {
    recursive: true,
    filter: (path) => basename(path) !== 'expect.json',
  })
  await chmod(folder, 0o755)
  return folder
}

async function runSetup(url: string, folder: string): Promise<void> {
  const run = await runPsql(url, ['-f', 'setup.sql'], folder)
  if (run.exit !== 0) throw new Error(`setup.sql: ${run.stderr.toString()}`)
}

async function hashFiles(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const hashes = new Map<string, string>()
  for (const path of paths.toSorted()) {
    // md5 is what the records hold
    hashes.set(
      relative(folder, path),
      createHash('md5')
        .update(await readFile(path))
        .digest('hex'),
    )
  }
  return hashes
}

function changes(before: Map<string, string>, after: Map<string, string>): Record<string, string> {
  return Object.fromEntries([...after].filter(([path, hash]) => before.get(path) !== hash))
}
