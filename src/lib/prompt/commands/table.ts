import { connectionInfo } from './connection-info.ts'
import type { PromptHandler } from './command.ts'
import { describe } from './describe.ts'
import { expanded, timing } from './display.ts'
import { listHandler, splitName } from './list.ts'
import { send } from './send.ts'

/** A command of the prompt, as `\?` describes it. */
interface CommandEntry {
  /** With what follows it, e.g. `\d NAME`. */
  usage: string
  about: string
  /** Without it, the command is carried out as in a script. */
  handler?: PromptHandler
  /** Further names for it. */
  also?: readonly string[]
}

const quit: PromptHandler = async () => () => 'quit'

const help: PromptHandler =
  async ({ context }) =>
  () => {
    context.output.write(helpText())
  }

/** The commands by groups, as `\?` shows them; all that the prompt knows. */
const COMMAND_GROUPS: Readonly<Record<string, readonly CommandEntry[]>> = {
  General: [
    { usage: '\\q', about: 'leave (or press Ctrl-D)', handler: quit, also: ['quit'] },
    { usage: '\\?', about: 'show this list', handler: help },
    { usage: '\\conninfo', about: 'where this session is connected', handler: connectionInfo },
    { usage: '\\c [DATABASE [USER]]', about: 'connect to another database', also: ['connect'] },
    { usage: '\\i FILE', about: 'run a script', also: ['include'] },
    { usage: '\\cd [FOLDER]', about: 'change the folder that \\i starts from' },
  ],
  'What there is (patterns take * and ?; + tells more, S includes the system)': [
    { usage: '\\d [NAME]', about: 'describe a table, view, index or sequence; list them', handler: describe },
    { usage: '\\dt [PATTERN]', about: 'list tables' },
    { usage: '\\dv [PATTERN]', about: 'list views' },
    { usage: '\\dm [PATTERN]', about: 'list materialized views' },
    { usage: '\\di [PATTERN]', about: 'list indexes' },
    { usage: '\\ds [PATTERN]', about: 'list sequences' },
    { usage: '\\df [PATTERN]', about: 'list functions' },
    { usage: '\\dn [PATTERN]', about: 'list schemas' },
    { usage: '\\du [PATTERN]', about: 'list roles', also: ['dg'] },
    { usage: '\\dx [PATTERN]', about: 'list extensions' },
    { usage: '\\l [PATTERN]', about: 'list databases', also: ['list'] },
  ],
  'How results look': [
    { usage: '\\x [on|off|auto]', about: 'rows one below the other', handler: expanded },
    { usage: '\\timing [on|off]', about: 'how long each statement takes', handler: timing },
  ],
  'The statement being typed': [
    { usage: '\\g', about: 'send it, or the last one again', handler: send },
    { usage: '\\gx', about: 'the same, with expanded rows', handler: send },
    { usage: '\\gset [PREFIX]', about: 'send it and keep its row in variables' },
    { usage: '\\gexec', about: 'send it and run each value that comes back' },
    { usage: '\\p', about: 'show it', also: ['print'] },
    { usage: '\\r', about: 'drop it', also: ['reset'] },
  ],
  'Variables and scripts': [
    { usage: '\\set [NAME [VALUE]]', about: 'set a variable, list all' },
    { usage: '\\unset NAME', about: 'remove a variable' },
    { usage: '\\echo TEXT', about: 'write text', also: ['qecho', 'warn'] },
    { usage: '\\copy …', about: 'COPY from a file of this machine' },
    { usage: '\\ir FILE', about: 'run a script beside the one that runs', also: ['include_relative'] },
    { usage: '\\if \\elif \\else \\endif', about: 'conditions', also: ['elif', 'else', 'endif'] },
    { usage: '\\encoding [NAME]', about: 'the encoding of this session' },
    { usage: '\\getenv \\setenv', about: 'variables of the environment', also: ['setenv'] },
    { usage: '\\restrict \\unrestrict', about: 'as pg_dump writes them', also: ['unrestrict'] },
  ],
}

function nameOf({ usage }: CommandEntry): string {
  return usage.slice(1).split(' ', 1)[0] as string
}

const entries = Object.values(COMMAND_GROUPS).flat()

/** Every name that is known, without backslash: for completion and for finding what was meant. */
export const COMMAND_NAMES: readonly string[] = entries.flatMap((entry) => [
  nameOf(entry),
  ...(entry.also ?? []),
])

const byName = new Map(
  entries.flatMap((entry) => [nameOf(entry), ...(entry.also ?? [])].map((name) => [name, entry] as const)),
)

/** What carries out a command: a function of the prompt, `script` where scripts have the same, or nothing. */
export function findCommand(name: string): PromptHandler | 'script' | undefined {
  const { base } = splitName(name)
  if (base === 'd') return describe
  const list = listHandler(name)
  if (list) return list
  const entry = byName.get(name)
  return entry && (entry.handler ?? 'script')
}

/** What `\?` shows. */
function helpText(): string {
  const width = Math.max(...entries.map(({ usage }) => usage.length)) + 2
  return Object.entries(COMMAND_GROUPS)
    .map(([group, commands]) => {
      const lines = commands.map(({ usage, about }) => `  ${usage.padEnd(width)}${about}\n`)
      return `${group}\n${lines.join('')}`
    })
    .join('\n')
}
