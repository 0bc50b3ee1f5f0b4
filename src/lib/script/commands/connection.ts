import { stripSemicolons } from '../arguments.ts'
import type { ConnectRequest } from '../session.ts'
import { CommandError, commandStatement, type Command, type Handler } from './command.ts'

/** One argument of `\connect`: a name, not folded to lower case; `-` and nothing mean the present one. */
async function readName({ reader }: Command): Promise<string | undefined> {
  const argument = await reader.next('name')
  if (argument === undefined) return undefined
  if (argument.quoted) return argument.text
  const text = stripSemicolons(argument.text)
  return text === '' || text === '-' ? undefined : text
}

function asText(bytes: string | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes, 'latin1').toString()
}

/** A libpq connection string, `dbname=x user=y`: values bare or in single quotes. */
function parseConnectionString(text: string): ConnectRequest {
  const values = new Map<string, string>()
  const pair = /\s*([a-z_]+)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s']*)\s*/gy
  let end = 0
  for (let found = pair.exec(text); found; found = pair.exec(text)) {
    const value = found[2] as string
    values.set(found[1] as string, value.startsWith("'") ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value)
    end = pair.lastIndex
  }
  const foreign = [...values.keys()].find((key) => !['dbname', 'user', 'host', 'port'].includes(key))
  if (end < text.length || foreign)
    throw new CommandError(
      `\\connect: cannot use ${foreign ? `"${foreign}"` : 'this connection string'} in a script`,
    )
  return {
    database: values.get('dbname'),
    user: values.get('user'),
    host: values.get('host'),
    port: values.get('port'),
  }
}

const connect: Handler = async (command) => {
  const { run, reader } = command
  if (reader.startsWith('-reuse-previous')) await reader.next()
  const database = await readName(command)
  const request: ConnectRequest =
    database !== undefined && /^[a-z_]+\s*=/.test(database)
      ? parseConnectionString(asText(database) as string)
      : {
          database: asText(database),
          user: asText(await readName(command)),
          host: asText(await readName(command)),
          port: asText(await readName(command)),
        }
  return () => run.host.session.connect(request, commandStatement(command, '\\connect'))
}

const encoding: Handler = async (command) => {
  const { run, reader } = command
  const name = await reader.next()
  const { host } = run
  if (name === undefined)
    return async () => {
      await host.session.rest()
      const current = host.variable('ENCODING')
      host.write('stdout', `${typeof current === 'string' ? current : ''}\n`)
    }
  return () => host.session.setEncoding(name.text, commandStatement(command, `\\encoding ${name.text}`))
}

/** Between `\restrict KEY` and `\unrestrict KEY` no other backslash command is taken (pg_dump since 17.6). */
const restrict: Handler = async ({ reader, run, name }) => {
  const key = await reader.next()
  if (key === undefined || key.text === '') throw new CommandError(`\\${name}: missing required argument`)
  return () => {
    run.host.restrictKey = key.text
  }
}

const unrestrict: Handler = async ({ reader, run, name }) => {
  const key = await reader.next()
  const { host } = run
  if (key === undefined) throw new CommandError(`\\${name}: missing required argument`)
  if (host.restrictKey === undefined) throw new CommandError('\\unrestrict: not currently in restricted mode')
  if (host.restrictKey !== key.text) throw new CommandError('\\unrestrict: wrong key')
  return () => {
    host.restrictKey = undefined
  }
}

export const connectionCommands: Readonly<Record<string, Handler>> = {
  c: connect,
  connect,
  encoding,
  restrict,
  unrestrict,
}
