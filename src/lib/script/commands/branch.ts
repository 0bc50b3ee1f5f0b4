import { parseBoolean } from '../variables.ts'
import type { Command, Handler } from './command.ts'
import { CommandError } from './command.ts'

/** Reads the condition of `\if` and `\elif`: the rest of the line, which must be a Boolean; psql takes any other as false. */
async function readCondition({ reader, run, name }: Command): Promise<() => boolean> {
  const words: string[] = []
  for (let word = await reader.next(); word; word = await reader.next()) words.push(word.text)
  const expression = words.join(' ')
  return () => {
    const value = parseBoolean(expression)
    if (value === undefined)
      run.host.warn(
        run.frame,
        `unrecognized value "${expression}" for "\\${name} expression": Boolean expected`,
      )
    return value ?? false
  }
}

async function skipCondition({ reader }: Command): Promise<() => boolean> {
  while (await reader.next('ignored'));
  return () => false
}

/** Goes back to the text before a branch that was skipped. */
function change(
  step: (command: Command) => ReturnType<Command['run']['lexer']['mark']> | undefined,
): (command: Command) => void {
  return (command) => {
    try {
      const dropped = step(command)
      if (dropped) command.run.lexer.restore(dropped)
    } catch (error) {
      throw new CommandError((error as Error).message)
    }
  }
}

export const branchCommands: Readonly<Record<string, Handler>> = {
  async if(command) {
    const { run, offset } = command
    const condition = run.conditionals.active ? await readCondition(command) : await skipCondition(command)
    run.conditionals.open(run.lexer.mark(), offset, condition)
  },

  async elif(command) {
    const { conditionals, lexer } = command.run
    // The condition counts only if no branch has run so far: else it is not even read for variables.
    const condition = conditionals.mayTurnTrue ? await readCondition(command) : await skipCondition(command)
    change(() => conditionals.elseIf(lexer.mark(), condition))(command)
  },

  async else(command) {
    change(({ run }) => run.conditionals.else(run.lexer.mark()))(command)
  },

  async endif(command) {
    change(({ run }) => run.conditionals.close())(command)
  },
}
