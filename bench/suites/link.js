import { join } from 'node:path'
import { compareLoads, loadWays } from '../loads.js'
import { ratioGoal, timesTable } from '../report.js'
import { samplesFolder } from '../tools.js'

const SAMPLES = [
  // psql takes 110 s: once is enough to tell a factor of hundreds.
  { name: 'Northwind', database: 'bench_northwind', files: ['northwind.sql'], psqlRuns: 1, faster: 300 },
  {
    name: 'Pagila',
    database: 'bench_pagila',
    files: ['pagila-schema.sql', 'pagila-data.sql'],
    psqlRuns: 2,
    faster: 10,
  },
]

/** Real databases over a slow link. */
export async function link(bench) {
  const folder = samplesFolder()
  if (folder === undefined) {
    console.error('  skipped: the sample databases are not there; CRUDDUR_SAMPLES names their folder')
    return []
  }
  const tables = []
  for (const { name, database, files, psqlRuns, faster } of SAMPLES) {
    const paths = files.map((file) => join(folder, file))
    const results = await bench.server.overLink(database, bench.delay, (url) =>
      compareLoads(bench, database, loadWays(url, paths, { psqlRuns })),
    )
    const goals = [ratioGoal(`at least ${faster}× faster`, results, 'cruddur', 'psql', 1 / faster)]
    tables.push(
      timesTable(results, { title: `${name} over a ${2 * bench.delay} ms link`, against: 'psql', goals }),
    )
  }
  return tables
}
