import { join } from 'node:path'
import { compareLoads, loadWays } from '../loads.js'
import { ratioGoal, timesTable } from '../report.js'
import { insertLines, writeLines } from '../scripts.js'

const DATABASE = 'bench_inserts'
/** psql takes 20 to 30 s a run. */
const PSQL_RUNS = 2

/** 200,000 rows, each by an INSERT of its own. */
export async function inserts(bench) {
  const rows = bench.quick ? 20_000 : 200_000
  const file = await writeLines(join(bench.folder, 'inserts.sql'), insertLines(rows))
  const ways = loadWays(bench.server.url(DATABASE), [file], { psqlRuns: PSQL_RUNS })
  const results = await compareLoads(bench, DATABASE, ways, { expected: { 'public.t': rows } })
  return [
    timesTable(results, {
      title: `${rows.toLocaleString('en')} single-row INSERTs`,
      against: 'psql',
      goals: [ratioGoal('at least 7× faster than psql -1 -f', results, 'cruddur', 'psql', 1 / 7)],
    }),
  ]
}
