// Runs the built-in prompt on this process's own streams, as a command would. Options come as JSON.
import { tmpdir } from 'node:os'
import { CruddurError } from '../../src/lib/errors.ts'
import { startPrompt } from '../../src/lib/prompt/start-prompt.ts'
import { parseConnectionUrl } from '../../src/lib/target/connection-url.ts'

interface RunOptions {
  url: string
  commands?: string[]
  historyFile?: string
  label?: string
  color?: boolean
}

const { url, ...given } = JSON.parse(process.env['PROMPT_OPTIONS'] ?? '{}') as RunOptions
const abort = new AbortController()
process.on('SIGINT', () => abort.abort())
process.on('SIGTERM', () => abort.abort())
try {
  const end = await startPrompt({
    target: parseConnectionUrl(url),
    input: process.stdin,
    output: process.stdout,
    errorOutput: process.stderr,
    terminal: process.stdin.isTTY && process.stdout.isTTY,
    directory: process.cwd(),
    temporaryDirectory: tmpdir(),
    signal: abort.signal,
    ...given,
  })
  if (process.stdout.isTTY) console.log(`prompt ended: ${JSON.stringify(end)}`)
} catch (error) {
  process.exitCode = 1
  if (error instanceof CruddurError)
    console.error([`${error.code}: ${error.message}`, error.context, error.hint].filter(Boolean).join('\n'))
  else console.error(error)
}
