import { compare, timeProcess } from '../measure.js'
import { resultOf, timesTable, formatMs } from '../report.js'
import { CRUDDUR } from '../tools.js'

const NODE = 'node -e 0'
/** What a start may cost over Node's own, in milliseconds. */
const WANTED = { 'cruddur --version': 45, 'cruddur db setup --help': 60, 'cruddur db status': 60 }
const LEAST_ROUNDS = 20

/** How long a command takes to start, and to ask a server something, compared with Node itself. */
export async function startup({ server, rounds, quick, onRun }) {
  const url = server.url('postgres')
  const [node, script] = CRUDDUR
  const ways = [
    { name: NODE, args: ['-e', '0'], says: '' },
    { name: 'cruddur --version', args: [script, '--version'], says: 'cruddur/' },
    { name: 'cruddur db setup --help', args: [script, 'db', 'setup', '--help'], says: 'USAGE' },
    { name: 'cruddur db status', args: [script, 'db', 'status', '--url', url], says: 'PostgreSQL' },
  ]
  const results = await compare(
    ways.map(({ name, args }) => ({ name, run: () => timeProcess(node, args, { capture: true }) })),
    {
      rounds: quick ? rounds : Math.max(rounds, LEAST_ROUNDS),
      warmUp: true,
      check: ({ stdout }, name) => {
        const { says } = ways.find((way) => way.name === name)
        if (!stdout.includes(says)) throw new Error(`${name} said: ${stdout}`)
      },
      onRun,
    },
  )
  return [timesTable(results, { title: 'Start', against: NODE, difference: true, goals: goals(results) })]
}

function goals(results) {
  return Object.entries(WANTED).map(([name, limit]) => {
    const over = resultOf(results, name).median - resultOf(results, NODE).median
    return {
      text: `${name} within ${limit} ms of ${NODE}`,
      measured: `+${formatMs(over)}`,
      met: over <= limit,
    }
  })
}
