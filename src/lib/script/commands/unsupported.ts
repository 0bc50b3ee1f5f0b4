import type { Command, Handler } from './command.ts'

/** Commands that only change how psql shows things: nothing to do when a script is loaded. */
const HARMLESS = ['a', 'C', 'errverbose', 'f', 'H', 'html', 'pset', 't', 'T', 'timing', 'x']

/** Commands that show something. */
const SHOWING = [
  '?',
  'conninfo',
  'copyright',
  'crosstabview',
  'gdesc',
  'h',
  'help',
  'l',
  'l+',
  'list',
  'list+',
  'lo_list',
  's',
  'sf',
  'sf+',
  'sv',
  'sv+',
  'z',
]

/** All of psql's `\d…` commands show something. */
const DESCRIBING = /^d[A-Za-z]{0,3}[S+]*$/

/** Commands that need a person, a file to write, or another way of running. */
const UNSUPPORTED = [
  'bind',
  'bind_named',
  'close_prepared',
  'endpipeline',
  'flush',
  'flushrequest',
  'getresults',
  'lo_export',
  'lo_import',
  'lo_unlink',
  'o',
  'out',
  'parse',
  'password',
  'prompt',
  'sendpipeline',
  'startpipeline',
  'syncpipeline',
  'w',
  'watch',
  'write',
]

/** Commands that run a program on this machine. */
const PROGRAMS = ['!', 'e', 'edit', 'ef', 'ev']

const HINT = 'Take it out of the script, or run the script with psql.'

/** Commands whose argument is the rest of the line. */
const WHOLE_LINE = new Set(['!', 'copy', 'ef', 'ev', 'h', 'help', 'sf', 'sf+', 'sv', 'sv+'])

/** Refuses a command that runs a program, unless that is allowed. */
export function refuseProgram({ run, name, offset }: Command): never {
  return run.refuse(
    `\\${name} runs a program on this machine`,
    offset,
    'PROGRAM_REFUSED',
    'If you trust the script, allow it with --allow-programs.',
  )
}

/** Refuses a command that writes a file or reads psql's own input. */
export function refuseFile({ run, name, offset }: Command): never {
  return run.refuse(
    `\\${name} with this argument is not supported: loading a script writes no files`,
    offset,
    'UNSUPPORTED_COMMAND',
    HINT,
  )
}

const ignore: Handler = async ({ reader }) => {
  while (await reader.next('ignored'));
}

const refuse: Handler = async ({ run, name, offset, reader }) => {
  if (reader.startsWith('|')) refuseProgram({ run, name, offset, reader })
  run.refuse(`\\${name} is not supported in scripts`, offset, 'UNSUPPORTED_COMMAND', HINT)
}

const runProgram: Handler = async (command) => {
  const { run, reader, name, offset } = command
  if (!run.host.options.programs) return refuseProgram(command)
  if (name !== '!') return refuse(command)
  const line = reader.wholeLine()
  return async () => {
    for await (const chunk of run.programOutput(line, offset))
      run.host.write('stdout', chunk.toString('latin1'))
  }
}

function table(names: readonly string[], handler: Handler): Record<string, Handler> {
  return Object.fromEntries(names.map((name) => [name, handler]))
}

const HANDLERS: Readonly<Record<string, Handler>> = {
  ...table(HARMLESS, ignore),
  ...table(SHOWING, refuse),
  ...table(UNSUPPORTED, refuse),
  ...table(PROGRAMS, runProgram),
}

/** The handler of a command that psql has and that is not carried out, or not as a matter of course. */
export function unsupportedHandler(name: string): Handler | undefined {
  return Object.hasOwn(HANDLERS, name) ? HANDLERS[name] : DESCRIBING.test(name) ? refuse : undefined
}

/** Goes over the arguments of a command in a branch that is skipped. */
export async function skipArguments({ name, reader }: Command): Promise<void> {
  if (WHOLE_LINE.has(name)) reader.wholeLine()
  else while (await reader.next('ignored'));
}
