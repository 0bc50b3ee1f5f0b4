import { CommandError, type Handler } from './command.ts'
import { parseBoolean } from '../variables.ts'

async function required(reader: Parameters<Handler>[0]['reader'], name: string): Promise<string> {
  const argument = await reader.next()
  if (argument === undefined) throw new CommandError(`\\${name}: missing required argument`)
  return argument.text
}

/** Carries out something that may fail in psql's words. */
function attempt(work: () => void): void {
  try {
    work()
  } catch (error) {
    throw new CommandError((error as Error).message)
  }
}

export const settingCommands: Readonly<Record<string, Handler>> = {
  async set({ reader, run, offset }) {
    const name = await reader.next()
    const { host } = run
    if (name === undefined)
      return () =>
        host.variables.entries().forEach(([one, value]) => host.write('stdout', `${one} = '${value}'\n`))
    let value = ''
    for (let part = await reader.next(); part; part = await reader.next()) value += part.text
    if (name.text === 'SINGLELINE' && parseBoolean(value) !== false)
      run.refuse(
        'SINGLELINE is not supported: statements end at semicolons',
        offset,
        'UNSUPPORTED_COMMAND',
        'End each statement with a semicolon and take the \\set out.',
      )
    return async () => {
      // Statements given so far must have run by the rules that were in force then.
      if (/^(?:ON_ERROR|AUTOCOMMIT)/.test(name.text)) await host.session.rest()
      attempt(() => host.variables.set(name.text, value))
    }
  },

  async unset({ reader, run, name }) {
    const variable = await required(reader, name)
    return () => attempt(() => run.host.variables.unset(variable))
  },

  async getenv({ reader, run, name }) {
    const variable = await required(reader, name)
    const value = run.host.getenv(await required(reader, name))
    return () => {
      if (value !== undefined)
        attempt(() => run.host.variables.set(variable, Buffer.from(value).toString('latin1')))
    }
  },

  async setenv({ reader, run, name }) {
    const variable = await required(reader, name)
    const value = await reader.next()
    if (variable.includes('='))
      throw new CommandError('\\setenv: environment variable name must not contain "="')
    return () => {
      if (value === undefined) run.host.environment.delete(variable)
      else run.host.environment.set(variable, Buffer.from(value.text, 'latin1').toString())
    }
  },
}
