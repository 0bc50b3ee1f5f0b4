import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { CruddurError, throwIfAborted } from '../../errors.ts'
import { parseCopyCommand, type CopyCommand } from '../copy-command.ts'
import type { InterpreterOptions } from '../host.ts'
import type { ScriptFile } from '../source.ts'
import { asCommandError, CommandError, commandStatement, type Command, type Handler } from './command.ts'
import { refuseFile, refuseProgram } from './unsupported.ts'

function parse(line: string): CopyCommand {
  try {
    return parseCopyCommand(line)
  } catch (error) {
    throw new CommandError((error as Error).message)
  }
}

async function openData({ run }: Command, file: string): Promise<ScriptFile> {
  const name = Buffer.from(file, 'latin1')
    .toString()
    .replace(/^~(?=\/|$)/, homedir())
  const path = isAbsolute(name) ? name : join(run.host.directory, name)
  try {
    return await run.host.options.openData(path, name)
  } catch (error) {
    throw error instanceof CruddurError ? asCommandError(error) : error
  }
}

async function* readData(
  file: ScriptFile,
  { onBytes, signal }: Pick<InterpreterOptions, 'onBytes' | 'signal'>,
): AsyncGenerator<Buffer> {
  const reader = file.read(onBytes)
  try {
    for (let chunk = await reader.next(); chunk; chunk = await reader.next()) {
      throwIfAborted(signal)
      yield chunk
    }
  } catch (error) {
    throw error instanceof CruddurError && error.code === 'SCRIPT_NOT_READABLE'
      ? asCommandError(error)
      : error
  } finally {
    await reader.close()
  }
}

/** `\copy`: COPY with a file on this side. Writing files is not what loading a script is for. */
const copy: Handler = async (command) => {
  const { reader, run } = command
  const parsed = parse(reader.wholeLine())
  if (parsed.program && !run.host.options.programs) refuseProgram(command)
  if (parsed.ownStreams || (!parsed.from && (parsed.file !== undefined || parsed.program)))
    refuseFile(command)
  const statement = commandStatement(command, parsed.sql)
  const { session, options } = run.host
  if (!parsed.from) return () => run.send(statement)
  if (parsed.file === undefined) return () => session.copyIn(statement, () => run.inlineData(), true)
  return async () => {
    const file = parsed.file as string
    if (parsed.program) return session.copyIn(statement, () => run.programOutput(file, command.offset), false)
    const data = await openData(command, file)
    return session.copyIn(statement, () => readData(data, options), false)
  }
}

export const copyCommands: Readonly<Record<string, Handler>> = { copy }
