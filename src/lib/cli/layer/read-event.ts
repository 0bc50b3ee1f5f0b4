import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { UsageError } from '../../errors.ts'

/**
 * Reads the event of a function: a file, `-` for what is piped in; without a name an empty object.
 * @throws {UsageError} `FILE_NOT_READABLE`
 */
export async function readEvent(path: string | undefined): Promise<string> {
  if (path === undefined) return '{}'
  if (path === '-') return await text(process.stdin)
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new UsageError(`The event "${path}" cannot be read.`, {
      code: 'FILE_NOT_READABLE',
      hint: 'Name a file with the event as JSON, or - for what is piped in.',
      details: { file: path },
      cause: error,
    })
  }
}
