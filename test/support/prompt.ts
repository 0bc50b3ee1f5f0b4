import { tmpdir } from 'node:os'
import { PassThrough, Readable } from 'node:stream'
import type { PromptEnd, PromptOptions } from '../../src/lib/prompt/prompt-options.ts'
import { startPrompt } from '../../src/lib/prompt/start-prompt.ts'
import { parseConnectionUrl } from '../../src/lib/target/connection-url.ts'

export interface PromptRun {
  output: string
  errorOutput: string
  end: PromptEnd | undefined
  error: unknown
}

function gather(stream: PassThrough): Promise<string> {
  return stream.toArray().then((chunks) => Buffer.concat(chunks as Buffer[]).toString())
}

/** Runs the prompt with a text as its input, as `cruddur db connect < FILE` would; nobody types. */
export async function runPrompt(
  url: string,
  input: string | Readable,
  options: Partial<PromptOptions> = {},
): Promise<PromptRun> {
  const output = new PassThrough()
  const errorOutput = new PassThrough()
  const texts = [gather(output), gather(errorOutput)]
  let end: PromptEnd | undefined
  let error: unknown
  try {
    end = await startPrompt({
      target: parseConnectionUrl(url),
      input: typeof input === 'string' ? Readable.from([Buffer.from(input)]) : input,
      output,
      errorOutput,
      terminal: false,
      directory: process.cwd(),
      temporaryDirectory: tmpdir(),
      ...options,
    })
  } catch (caught) {
    error = caught
  }
  output.end()
  errorOutput.end()
  const [written = '', said = ''] = await Promise.all(texts)
  return { output: written, errorOutput: said, end, error }
}
