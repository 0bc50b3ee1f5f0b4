import { join } from 'node:path'
import { compare, timeProcess } from '../measure.js'
import { formatMs, resultOf, timesTable } from '../report.js'
import { writeLines } from '../scripts.js'
import { CRUDDUR, ROOT, SCHEMA } from '../tools.js'

const DATABASE = 'bench_cached'
const FIRST = 'first `db setup`'
const SECOND = 'second `db setup`'
/** What the second one may take, in milliseconds. */
const WANTED = 1000

/** The second setup of a database whose seed takes ten seconds. */
export async function cached({ server, folder, rounds, quick, onRun }) {
  const seconds = quick ? 1 : 10
  const seed = await writeLines(join(folder, 'slow-seed.sql'), [
    `CREATE TABLE slow AS SELECT ${seconds} AS seconds FROM pg_sleep(${seconds});`,
  ])
  const [node, script] = CRUDDUR
  const args = [script, 'db', 'setup', '--url', server.url(DATABASE), '--schema', SCHEMA, '--seed', seed]
  const run = () => timeProcess(node, args, { cwd: ROOT, capture: true })
  await server.recreate(DATABASE)
  const results = await compare(
    [
      { name: FIRST, run, runs: 1 },
      { name: SECOND, run },
    ],
    {
      rounds,
      prepare: () => server.settle(DATABASE),
      check: ({ stdout }, name) => {
        if (/as a copy/.test(stdout) !== (name === SECOND)) throw new Error(`the ${name} said: ${stdout}`)
        return server.contents(DATABASE, { 'public.slow': 1 })
      },
      onRun,
    },
  )
  await server.drop(DATABASE)
  const { median } = resultOf(results, SECOND)
  const goals = [
    { text: `the second below ${formatMs(WANTED)}`, measured: formatMs(median), met: median < WANTED },
  ]
  return [timesTable(results, { title: `Setup with a seed that takes ${seconds} s`, against: FIRST, goals })]
}
