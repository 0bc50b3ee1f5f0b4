// Runs one verb of the embedded server as a command would, and writes what came of it as JSON.
import { CruddurError } from '../../src/lib/errors.ts'
import type { ProgressEvent } from '../../src/lib/progress.ts'
import { startServer } from '../../src/lib/server/start.ts'
import { serverStatus } from '../../src/lib/server/status.ts'
import { stopServer } from '../../src/lib/server/stop.ts'

const [verb, json = '{}'] = process.argv.slice(2)
const { umask, ...given } = JSON.parse(json)
if (typeof umask === 'number') process.umask(umask)

const abort = new AbortController()
process.on('SIGINT', () => abort.abort())
const events: ProgressEvent[] = []
const options = {
  ...given,
  signal: abort.signal,
  onProgress: (event: ProgressEvent) => void events.push(event),
}

const verbs = { start: startServer, stop: stopServer, status: serverStatus }
try {
  const run = Object.entries(verbs).find(([name]) => name === verb)?.[1] ?? serverStatus
  console.log(JSON.stringify({ result: await run(options), events }))
} catch (error) {
  const { message } = error instanceof Error ? error : new Error(String(error))
  const code = error instanceof CruddurError ? error.code : 'UNEXPECTED'
  console.log(JSON.stringify({ error: { code, message }, events }))
}
