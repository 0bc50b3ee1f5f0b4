import type { Handler } from './command.ts'

/** `\echo` and its like: the arguments with blanks between; `-n` first, unquoted, leaves the line break out. */
function echo(stream: 'stdout' | 'stderr'): Handler {
  return async ({ reader, run }) => {
    const words: string[] = []
    let newline = '\n'
    for (let word = await reader.next(); word; word = await reader.next()) {
      if (words.length === 0 && newline && !word.quoted && word.text === '-n') newline = ''
      else words.push(word.text)
    }
    return () => run.host.write(stream, words.join(' ') + newline)
  }
}

const print: Handler =
  async ({ run }) =>
  () => {
    const text = (run.pending() ?? run.previous)?.text.toString('latin1')
    run.host.write('stdout', text === undefined ? 'Query buffer is empty.\n' : `${text}\n`)
  }

export const outputCommands: Readonly<Record<string, Handler>> = {
  echo: echo('stdout'),
  qecho: echo('stdout'),
  warn: echo('stderr'),
  p: print,
  print,
}
