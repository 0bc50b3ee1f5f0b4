import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compare, timeProcess } from '../measure.js'
import { ratioGoal, timesTable } from '../report.js'
import { CRUDDUR, findDbmate, findPsql, ROOT, SCHEMA, SEED, versionOf } from '../tools.js'

const PEERS = join(ROOT, 'bench/peers')
const DATABASE = 'bench_setup'
const LOADED = 'cruddur db setup --no-cache'
const KEPT = 'cruddur db setup, something changed (keeps a copy)'
const CACHED = 'cruddur db setup, nothing changed'
const DEBIAN = 'four scripts, psql of the PATH'

/** Drop, create, schema and seed as one, of this project's own two tables. */
export async function setup(bench) {
  const script = await writeJoined(join(bench.folder, 'schema-and-seed.sql'))
  const dbmate = findDbmate()
  const note =
    dbmate === undefined
      ? 'dbmate is missing: npm could not install it.'
      : `${versionOf(dbmate.bare)}: drop, create, load; schema and seed as one script, since it has no seeds.`
  const near = await compareSetups(bench, waysTo(bench.server.url(DATABASE), script, dbmate))
  const far = await bench.server.overLink(DATABASE, bench.delay, (url) =>
    compareSetups(bench, waysTo(url, script, dbmate)),
  )
  await bench.server.drop(DATABASE)
  const peers = far.map(({ name }) => name).filter((name) => !name.startsWith('cruddur'))
  return [
    timesTable(near, {
      title: "`db setup` of this project's schema and seed",
      note,
      against: DEBIAN,
      goals: [ratioGoal('no slower than the four scripts', near, LOADED, DEBIAN, 1)],
    }),
    timesTable(far, {
      title: `The same over a ${2 * bench.delay} ms link`,
      against: DEBIAN,
      goals: peers.map((peer) => ratioGoal(`faster than ${peer}`, far, LOADED, peer, 1)),
    }),
  ]
}

async function writeJoined(path) {
  await writeFile(path, (await Promise.all([SCHEMA, SEED].map((file) => readFile(file)))).join('\n'))
  return path
}

/** @returns {import('../measure.js').Way[]} */
function waysTo(url, script, dbmate) {
  const [node, cruddur] = CRUDDUR
  const ours = (...flags) =>
    timeProcess(node, [cruddur, 'db', 'setup', '--url', url, ...flags], { cwd: ROOT, capture: true })
  const scripts = (psql) => timeProcess('sh', [join(PEERS, 'setup.sh'), psql, url, SCHEMA, SEED])
  const { bare, onPath } = findPsql()
  const withDbmate = (program) => timeProcess('sh', [join(PEERS, 'dbmate.sh'), program, url, script])
  return [
    { name: LOADED, run: () => ours('--no-cache') },
    // Another value of a variable is another setup: it loads, keeps a copy and lets go of the oldest.
    { name: KEPT, run: () => ours('--set', `bench=${randomUUID()}`) },
    { name: CACHED, run: () => ours() },
    { name: DEBIAN, run: () => scripts(onPath) },
    { name: 'four scripts, bare psql', run: () => scripts(bare) },
    ...(dbmate === undefined
      ? []
      : [
          { name: 'dbmate by npm', run: () => withDbmate(dbmate.npm) },
          { name: 'dbmate, bare binary', run: () => withDbmate(dbmate.bare) },
        ]),
    {
      name: 'a bare Node script',
      run: () => timeProcess(node, [join(PEERS, 'node-setup.js'), url, SCHEMA, SEED]),
    },
  ]
}

function compareSetups({ server, rounds, onRun }, ways) {
  return compare(ways, {
    rounds,
    warmUp: true,
    prepare: async (name) => {
      // What is changed in between may have let go of the copy.
      if (name === CACHED) await ways.find((way) => way.name === CACHED).run()
      await server.settle(DATABASE)
    },
    check: ({ stdout }, name) => {
      if ((name === CACHED) !== stdout.includes('as a copy')) throw new Error(`${name} said: ${stdout}`)
      return server.contents(DATABASE, { 'public.users': 2, 'public.activities': 1 })
    },
    onRun,
  })
}
