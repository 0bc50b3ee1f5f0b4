import { join } from 'node:path'
import { compareLoads, loadWays } from '../loads.js'
import { ratioGoal, timesTable } from '../report.js'
import { schemaLines, writeLines } from '../scripts.js'

const DATABASE = 'bench_schema'
const STATEMENTS = 500
/** psql waits for each statement: 16 s a run over the link. */
const PSQL_LINK_RUNS = 2

/** A schema of 500 statements, near and far. */
export async function schema(bench) {
  const file = await writeLines(join(bench.folder, 'schema.sql'), schemaLines(STATEMENTS))
  const url = bench.server.url(DATABASE)
  const near = await compareLoads(bench, DATABASE, loadWays(url, [file]), { warmUp: true })
  const far = await bench.server.overLink(DATABASE, bench.delay, (linkUrl) =>
    compareLoads(bench, DATABASE, loadWays(linkUrl, [file], { psqlRuns: PSQL_LINK_RUNS })),
  )
  return [
    timesTable(near, {
      title: `Schema of ${STATEMENTS} statements`,
      against: 'psql',
      goals: [ratioGoal('no slower than psql -1 -f', near, 'cruddur', 'psql', 1)],
    }),
    timesTable(far, {
      title: `The same over a ${2 * bench.delay} ms link`,
      against: 'psql',
      goals: [ratioGoal('at least 30× faster', far, 'cruddur', 'psql', 1 / 30)],
    }),
  ]
}
