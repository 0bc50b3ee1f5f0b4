import { tmpdir } from 'node:os'
import { connect, type ConnectOptions } from '../postgres/connect.ts'
import type { Connection } from '../postgres/connection.ts'
import { Interpreter } from '../script/interpreter.ts'
import type { ConnectRequest } from '../script/session.ts'
import { openData, openScript, type ScriptFile } from '../script/source.ts'
import { ownStatement, type Frame, type Statement } from '../script/statement.ts'
import { Variables } from '../script/variables.ts'
import type { CommandContext } from './commands/command.ts'
import { markLabel } from './production-label.ts'
import { isInteractive, showsOnTerminal, type PromptOptions } from './prompt-options.ts'
import { PromptOutput } from './prompt-output.ts'
import { PromptSession } from './prompt-session.ts'
import { PromptView } from './prompt-view.ts'
import { reconnect } from './reconnect.ts'
import { defaultSettings } from './settings.ts'
import { makeStyle } from './style.ts'
import { visibleLines } from './visible-text.ts'

/** Everything as before: asks for a connection in the place of one that was lost. */
const RESTORE: ConnectRequest = { database: undefined, user: undefined, host: undefined, port: undefined }

/** What a prompt consists of, but for where its input comes from. */
export interface PromptParts {
  session: PromptSession
  context: CommandContext
  interpreter: Interpreter
  /** Stands for the prompt's own input in statements and messages. */
  frame: Frame
  output: PromptOutput
  /** What stands in red before the prompt; follows `\c`. */
  label: () => string | undefined
  /** Looks again whether the database bears the mark. */
  updateLabel: () => Promise<void>
  /** Scripts that were opened, to be closed at the end. */
  files: ScriptFile[]
}

/** The prompt's input as if it were a script; it cannot be read again. */
function promptFrame(options: PromptOptions): Frame {
  return {
    ...ownStatement('').frame,
    name: isInteractive(options) ? 'prompt' : 'input',
    folder: options.directory,
  }
}

/**
 * Puts a prompt together around a connection.
 * @param copyData gives the data of COPY … FROM STDIN where it does not follow in the text
 */
export function assemble(
  connection: Connection,
  options: PromptOptions,
  copyData: (statement: Statement, session: PromptSession) => AsyncIterable<Buffer> | undefined,
): PromptParts {
  const frame = promptFrame(options)
  const output = new PromptOutput(options.output, options.errorOutput)
  const variables = new Variables()
  const connectOptions: ConnectOptions = { ...options.connect, signal: options.signal }
  const context: CommandContext = {
    output,
    settings: defaultSettings(showsOnTerminal(options)),
    style: makeStyle(options.color ?? false),
    columns: options.columns ?? (() => (options.output as { columns?: number }).columns),
    stopped: () => session.interrupted,
    get session() {
      return session
    },
  }
  const view = new PromptView(context, frame, showsOnTerminal(options))
  const session: PromptSession = new PromptSession(connection, {
    variables,
    view,
    connect: options.connect ?? {},
    copyData: (statement) => (statement.frame === frame ? copyData(statement, session) : undefined),
    restore: isInteractive(options) ? restore : undefined,
    onProgress: undefined,
    reconnect: (request, current) =>
      request === RESTORE
        ? connect(current.target, connectOptions)
        : reconnect(request, current, connectOptions),
    onConnected: async (request) => {
      await updateLabel()
      if (request === RESTORE) session.say('Connected again.\n')
      else view.connected()
    },
  })
  connection.onNotice = (notice) => view.notice(notice)
  let label = options.label
  const updateLabel = async () => {
    label = options.label ?? (await markLabel(session.connection))
  }
  const files: ScriptFile[] = []
  const interpreter = makeInterpreter({ session, variables, output, files }, options)
  return { session, context, interpreter, frame, output, label: () => label, updateLabel, files }
}

/** Opens a connection in the place of the one that was lost. */
async function restore(session: PromptSession): Promise<void> {
  session.say('Trying to connect again …\n')
  await session.connect(RESTORE, ownStatement(''))
}

/** Carries out what the prompt shares with scripts: variables, `\i`, `\copy`, `\if` … */
function makeInterpreter(
  {
    session,
    variables,
    output,
    files,
  }: {
    session: PromptSession
    variables: Variables
    output: PromptOutput
    files: ScriptFile[]
  },
  options: PromptOptions,
): Interpreter {
  const keep = async (file: Promise<ScriptFile>) => {
    files.push(await file)
    return file
  }
  const { temporaryDirectory = tmpdir() } = options
  return new Interpreter({
    session,
    variables,
    directory: options.directory,
    open: (path, name) => keep(openScript(path, name, temporaryDirectory)),
    openData: (path, name) => keep(openData(path, name, temporaryDirectory)),
    programs: undefined,
    environment: options.environment ?? {},
    onProgress: (event) => {
      const text = event.type === 'output' || event.type === 'note' ? event.text : ''
      if (event.type === 'note') output.say(visibleLines(`${text}\n`))
      else if (event.type === 'output' && event.stream === 'stderr') output.say(visibleLines(text))
      else output.write(showsOnTerminal(options) ? visibleLines(text) : text)
    },
    onBytes: undefined,
    signal: options.signal,
  })
}
