import { existsSync, statSync } from 'node:fs'
import { UsageError } from '../../src/lib/errors.ts'
import { Interpreter } from '../../src/lib/script/interpreter.ts'
import { ScriptFailure } from '../../src/lib/script/script-failure.ts'
import type { ScriptFile } from '../../src/lib/script/source.ts'
import { Variables } from '../../src/lib/script/variables.ts'
import { chunkedFile } from './chunked-script.ts'
import { RecordingSession } from './recording-session.ts'

export interface InterpretOptions {
  /** How many bytes each reading of a file gives. */
  chunkBytes: number
  /** Folder of the files that the script includes. */
  folder: string
  variables?: Readonly<Record<string, string>>
  standardStrings?: boolean
  copyTerminator?: boolean
}

/** Everything that a script does, in order: statements with their places, data, output, and how it ended. */
export async function interpret(script: ScriptFile, options: InterpretOptions): Promise<unknown[]> {
  const session = new RecordingSession(options)
  const { events } = session
  const open = async (path: string, name: string) => {
    if (!existsSync(path) || !statSync(path).isFile())
      throw new UsageError(`no file ${name}`, { code: 'SCRIPT_NOT_READABLE', hint: '' })
    return chunkedFile(path, name, options.chunkBytes)
  }
  const interpreter = new Interpreter({
    session,
    variables: new Variables({ ON_ERROR_STOP: 'off', ...options.variables }),
    directory: options.folder,
    open,
    openData: open,
    async *programs(command) {
      yield Buffer.from(`output of ${command}`)
    },
    environment: {},
    onProgress: (event) => void events.push(event),
    onBytes: undefined,
    signal: undefined,
  })
  try {
    await interpreter.run(script, options.folder)
  } catch (error) {
    if (!(error instanceof ScriptFailure)) throw error
    events.push({ failure: error.message, code: error.code, offset: error.position?.offset })
  }
  return events
}
