// Hands this process's terminal over to psql, as a command would. Options come as JSON.
import { tmpdir } from 'node:os'
import { CruddurError } from '../../src/lib/errors.ts'
import { machineTlsSources } from '../../src/lib/postgres/connect.ts'
import { runPsql } from '../../src/lib/prompt/psql.ts'
import { parseConnectionUrl } from '../../src/lib/target/connection-url.ts'

interface RunOptions {
  psql: string
  url: string
  arguments?: string[]
  label?: string
  home?: string
}

const { url, home, ...given } = JSON.parse(process.env['PSQL_OPTIONS'] ?? '{}') as RunOptions
const before = () => console.log('our own listener was called')
process.on('SIGINT', before)
try {
  const { code, signal } = await runPsql({
    ...given,
    target: parseConnectionUrl(url),
    environment: process.env,
    parent: process,
    temporaryDirectory: tmpdir(),
    tlsSources: machineTlsSources(home),
  })
  const restored = process.listeners('SIGINT').includes(before) && process.listenerCount('SIGINT') === 1
  console.log(`psql ended: ${JSON.stringify({ code, signal, restored })}`)
} catch (error) {
  process.exitCode = 1
  if (error instanceof CruddurError) console.log(`${error.code}: ${error.message}`)
  else console.error(error)
}
process.off('SIGINT', before)
