import { CommandError } from '../../script/commands/command.ts'
import { parseBoolean } from '../../script/variables.ts'
import type { Expanded } from '../settings.ts'
import { readText, type PromptHandler } from './command.ts'

const EXPANDED_TEXT: Readonly<Record<Expanded, string>> = {
  on: 'Expanded display is on.\n',
  off: 'Expanded display is off.\n',
  auto: 'Expanded display is used automatically.\n',
}

/** `\x [on|off|auto]`; without an argument it changes over. */
export const expanded: PromptHandler = async (invocation) => {
  const argument = await readText(invocation)
  const { output, settings } = invocation.context
  return () => {
    if (argument === undefined) settings.expanded = settings.expanded === 'on' ? 'off' : 'on'
    else if (argument === 'auto') settings.expanded = 'auto'
    else settings.expanded = readSwitch(argument, 'x', 'on, off, auto') ? 'on' : 'off'
    output.say(EXPANDED_TEXT[settings.expanded])
  }
}

/** `\timing [on|off]` */
export const timing: PromptHandler = async (invocation) => {
  const argument = await readText(invocation)
  const { output, settings } = invocation.context
  return () => {
    settings.timing = argument === undefined ? !settings.timing : readSwitch(argument, 'timing', 'on, off')
    output.say(`Timing is ${settings.timing ? 'on' : 'off'}.\n`)
  }
}

function readSwitch(argument: string, name: string, allowed: string): boolean {
  const value = parseBoolean(argument)
  if (value === undefined)
    throw new CommandError(
      Buffer.from(
        `unrecognized value "${argument}" for "\\${name}": available values are ${allowed}`,
      ).toString('latin1'),
    )
  return value
}

/** How long a statement took, as psql says it: `Time: 1234.567 ms (00:01.235)`. */
export function timingText(milliseconds: number): string {
  const plain = `Time: ${milliseconds.toFixed(3)} ms`
  if (milliseconds < 1000) return `${plain}\n`
  const seconds = milliseconds / 1000
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const shown = seconds < 3600 ? parts.slice(1) : parts
  const clock = [
    ...shown.map((part) => String(part).padStart(2, '0')),
    (seconds % 60).toFixed(3).padStart(6, '0'),
  ]
  return `${plain} (${clock.join(':')})\n`
}
