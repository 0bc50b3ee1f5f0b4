import { CommandError } from './commands/command.ts'

/**
 * Runs a program that a script asks for, as psql does: through the shell, for that is what the script's author wrote
 * it for. Only called when the user has allowed it.
 * @returns what it writes to standard output; standard error goes to ours
 * @throws {CommandError} when it cannot be started or does not end with 0
 */
export async function* runProgram(
  command: string,
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  // Loaded only now: hardly any script runs programs, and every load would wait for it.
  const { spawn } = await import('node:child_process')
  const child = spawn(command, {
    shell: true,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(signal ? { signal } : {}),
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  ended.catch(() => undefined)
  yield* child.stdout as AsyncIterable<Buffer>
  const code = await ended.catch((error: Error) => {
    throw new CommandError(`could not run "${command}": ${error.message}`)
  })
  if (code !== 0) throw new CommandError(`"${command}" ended with exit code ${code}`)
}
