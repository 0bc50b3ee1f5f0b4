import { statSync } from 'node:fs'
import { join } from 'node:path'
import { compareLoads, loadWays } from '../loads.js'
import { resultOf, timesTable } from '../report.js'
import { copyLines, writeLines } from '../scripts.js'

const DATABASE = 'bench_copy'
/** Our rate, as a share of psql's. */
const WANTED_RATE = 0.98
/** What "memory flat" means: less than this in bytes, whatever the size of the file; Node itself takes 45 MB. */
const WANTED_MEMORY = 150e6

/** COPY of 2 million rows: rate and memory. */
export async function copy(bench) {
  const rows = bench.quick ? 200_000 : 2_000_000
  const file = await writeLines(join(bench.folder, 'copy.sql'), copyLines(rows))
  const bytes = statSync(file).size
  const ways = loadWays(bench.server.url(DATABASE), [file], { memory: true })
  const results = await compareLoads(bench, DATABASE, ways, { expected: { 'public.t': rows }, warmUp: true })
  const [ours, theirs] = ['cruddur', 'psql'].map((name) => resultOf(results, name))
  const rate = theirs.median / ours.median
  return [
    timesTable(results, {
      title: `COPY of ${rows.toLocaleString('en')} rows, ${megabytes(bytes)}`,
      against: 'psql',
      extra: {
        rate: ({ median }) => `${((bytes / median) * 1e-3).toFixed(1)} MB/s`,
        'peak memory': ({ peakBytes }) => megabytes(peakBytes),
      },
      goals: [
        {
          text: `no less than ${WANTED_RATE}× psql's rate`,
          measured: `${rate.toFixed(2)}×`,
          met: rate >= WANTED_RATE,
        },
        {
          text: `memory below ${megabytes(WANTED_MEMORY)}`,
          measured: megabytes(ours.peakBytes),
          met: ours.peakBytes === undefined || ours.peakBytes < WANTED_MEMORY,
        },
      ],
    }),
  ]
}

function megabytes(bytes) {
  return bytes === undefined ? 'not told' : `${Math.round(bytes / 1e6)} MB`
}
