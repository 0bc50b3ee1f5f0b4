import { compare, timeProcess } from './measure.js'
import { CRUDDUR, findPsql } from './tools.js'

/**
 * Ways to load scripts into an empty database, all or nothing: `cruddur` and `psql`.
 * @param {string} url
 * @param {string[]} files
 * @param {{ psqlRuns?: number, memory?: boolean }} [options] how often psql runs, if it is too slow for all rounds; whether to
 *   watch their memory
 * @returns {import('./measure.js').Way[]}
 */
export function loadWays(url, files, { psqlRuns, memory = false } = {}) {
  const [node, script] = CRUDDUR
  const ours = [script, 'db', 'schema-load', '--url', url, ...files.flatMap((file) => ['--file', file])]
  const psqls = ['-X', '-q', '-1', '-v', 'ON_ERROR_STOP=1', ...files.flatMap((file) => ['-f', file]), url]
  return [
    { name: 'cruddur', run: () => timeProcess(node, ours, { memory }) },
    { name: 'psql', run: () => timeProcess(findPsql().bare, psqls, { memory }), runs: psqlRuns },
  ]
}

/**
 * Compares ways to load a database: each begins with an empty one, and all must leave the same in it.
 * @param {import('./bench.js').Bench} bench
 * @param {string} database
 * @param {import('./measure.js').Way[]} ways
 * @param {{ expected?: Record<string, number>, rounds?: number, warmUp?: boolean }} [options] `expected`: rows by table
 */
export async function compareLoads(bench, database, ways, { expected, rounds, warmUp } = {}) {
  const { server } = bench
  const results = await compare(ways, {
    rounds: rounds ?? bench.rounds,
    warmUp,
    prepare: () => server.recreate(database),
    check: () => server.contents(database, expected),
    onRun: bench.onRun,
  })
  await server.drop(database)
  return results
}
