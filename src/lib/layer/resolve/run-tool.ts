import { spawn } from 'node:child_process'
import { InterruptedError } from '../../errors.ts'

/** How a program ended. */
export interface ToolResult {
  /** `undefined` if there is no such program. */
  code: number | undefined
  stdout: string
  stderr: string
}

export interface RunToolOptions {
  /** All of it, also the PATH on which the program is looked for. */
  environment: Readonly<Record<string, string | undefined>>
  signal?: AbortSignal | undefined
}

/**
 * Runs a program, without a shell and without a terminal.
 * @throws {InterruptedError}
 */
export function runTool(
  program: string,
  args: readonly string[],
  { environment, signal }: RunToolOptions,
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const output = { stdout: '', stderr: '' }
    const child = spawn(program, args, { env: { ...environment }, stdio: ['ignore', 'pipe', 'pipe'], signal })
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (signal?.aborted) reject(new InterruptedError())
      else if (['ENOENT', 'EACCES', 'ENOTDIR'].includes(error.code ?? ''))
        resolve({ code: undefined, ...output })
      else reject(error)
    })
    child.on('close', (code) => {
      if (signal?.aborted) reject(new InterruptedError())
      else resolve({ code: code ?? 1, ...output })
    })
  })
}
