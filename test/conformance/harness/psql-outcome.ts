import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE } from '../../support/embedded-postgres.ts'
import type { ConformanceCase } from './case.ts'
import type { Cluster } from './cluster.ts'
import { type Outcome, runCase } from './outcome.ts'
import { psqlRunner } from './psql-runner.ts'
import type { Mode } from './runner.ts'
import { psqlVersion } from './tools.ts'

/** Where the outcomes of earlier runs are; removed with node_modules. */
const FOLDER = join(CACHE, 'psql-outcomes')

/** The parts of the harness that have a say in what psql's outcome is. */
const PARTS = ['cluster', 'digest', 'outcome', 'psql', 'psql-messages', 'psql-runner', 'server', 'stage']

/** Adds every file below a folder to a hash: name, length and contents. */
function addFiles(hash: ReturnType<typeof createHash>, folder: string): void {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  for (const path of paths.toSorted()) {
    const contents = readFileSync(path)
    hash.update(`${path}\n${contents.length}\n`).update(contents)
  }
}

/** Everything the outcome hangs on: the case, the harness, the digest, psql and the server. */
async function keyOf(cluster: Cluster, testCase: ConformanceCase): Promise<string> {
  const hash = createHash('sha256')
  hash.update(`${psqlVersion()}\n${await cluster.serverVersion()}\n`)
  hash.update(readFileSync(join(import.meta.dirname, '..', 'cases', 'digest.sql')))
  for (const part of PARTS) hash.update(readFileSync(join(import.meta.dirname, `${part}.ts`)))
  addFiles(hash, testCase.folder)
  return hash.digest('hex').slice(0, 32)
}

/**
 * What psql does with a case on this server. It is run once and then remembered, for as long as nothing changes:
 * that takes a third off every later run of the tests.
 */
export async function psqlOutcome(cluster: Cluster, testCase: ConformanceCase, mode: Mode): Promise<Outcome> {
  const path = join(FOLDER, `${testCase.name}-${mode}-${await keyOf(cluster, testCase)}.json`)
  if (existsSync(path)) {
    const remembered: Outcome = JSON.parse(readFileSync(path, 'utf8'))
    return remembered
  }
  const outcome = await runCase(cluster, testCase, mode, psqlRunner)
  mkdirSync(FOLDER, { recursive: true })
  // the file appears complete or not at all
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(outcome))
  renameSync(`${path}.${process.pid}`, path)
  return outcome
}
