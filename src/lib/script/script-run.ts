import { throwIfAborted } from '../errors.ts'
import { ArgumentReader, type ArgumentContext } from './arguments.ts'
import { CommandError } from './commands/command.ts'
import { prepareCommand } from './commands/index.ts'
import { Conditionals } from './conditional.ts'
import { inlineCopyData } from './copy-data.ts'
import type { RunningScript, ScriptHost } from './host.ts'
import { Lexer } from './lexer.ts'
import { quoteValue } from './quote-value.ts'
import { RunContext } from './run-context.ts'
import { ScriptFailure } from './script-failure.ts'
import { PENDING } from './session.ts'
import type { Frame, Statement } from './statement.ts'
import type { Window } from './window.ts'

/** One script being run. */
export class ScriptRun implements RunningScript {
  readonly host: ScriptHost
  readonly frame: Frame
  readonly lexer: Lexer
  readonly conditionals = new Conditionals()
  previous: Statement | undefined
  readonly #window: Window

  constructor(host: ScriptHost, window: Window, frame: Frame) {
    this.host = host
    this.frame = frame
    this.#window = window
    this.lexer = new Lexer(window, new RunContext(this), frame)
  }

  async run(): Promise<void> {
    const reachedEnd = await this.#loop()
    // psql sends what is left, also behind \q.
    await this.#submit(this.lexer.take())
    const offset = this.conditionals.openedAt
    if (reachedEnd && offset !== undefined)
      this.failCommand('reached the end of the script without \\endif', offset)
  }

  /** Reads up to the end or to `\q`; tells whether it was the end. */
  async #loop(): Promise<boolean> {
    const { signal } = this.host.options
    for (;;) {
      throwIfAborted(signal)
      const stop = this.lexer.scan()
      if (stop === 'semicolon') {
        const waiting = this.#endStatement()
        if (waiting) await waiting
      } else if (stop === 'end') return true
      else if (stop === 'more') await this.lexer.fill()
      else if (stop === 'sync') await this.host.session.rest()
      else if (await this.#command()) return false
    }
  }

  /** A branch that is skipped may hold ends of statements; the text before it stays, as in psql. */
  #endStatement(): Promise<unknown> | undefined {
    const mark = this.conditionals.droppedFrom
    if (!mark) return this.#submit(this.lexer.take())
    this.lexer.drop(mark)
    return undefined
  }

  /** Gives a statement to the session; in a branch that is skipped, drops it. */
  #submit(statement: Statement | undefined): Promise<unknown> | undefined {
    if (!statement || !this.conditionals.active) return undefined
    this.previous = statement
    const { session } = this.host
    return session.isCopyIn(statement) ? this.#copyIn(statement) : session.run(statement)
  }

  /** A COPY takes the lines that follow; what stands behind it on its line is run after the data. */
  async #copyIn(statement: Statement): Promise<void> {
    let begun = false
    const data = () => {
      const first = !begun
      begun = true
      return this.#inlineData(first)
    }
    await this.host.session.copyIn(statement, data, true)
  }

  async *#inlineData(first: boolean): AsyncGenerator<Buffer> {
    const { session } = this.host
    if (first) {
      await this.#restOfLine()
      this.lexer.setLineAside()
    }
    yield* inlineCopyData(this.#window, session.wantsCopyTerminator)
    this.lexer.resume()
  }

  inlineData(): AsyncGenerator<Buffer> {
    return this.#inlineData(true)
  }

  takeForSending(): Statement | undefined {
    const statement = this.lexer.take() ?? this.previous
    this.lexer.reset()
    this.previous = statement
    return statement
  }

  pending(): Statement | undefined {
    return this.lexer.peek()
  }

  async send(statement: Statement): Promise<void> {
    await this.#submit(statement)
  }

  /** Carries out the backslash command at the position; tells whether the script ends with it. */
  async #command(): Promise<boolean> {
    const offset = this.lexer.offset - 1
    const line = await this.#restOfLine()
    if (this.conditionals.active) await this.#settleVariables(line)
    const reader = new ArgumentReader(line.toString('latin1'), this.#argumentContext(offset))
    const name = reader.command()
    try {
      const action = await prepareCommand({ name, run: this, reader, offset })
      await reader.finish(name, this.conditionals.active)
      this.lexer.consume(reader.position)
      return (await action?.()) === 'quit'
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      this.failCommand(error.message, offset)
      // What follows on the line of a command that failed is thrown away.
      this.lexer.consume((await this.#restOfLine()).length)
      return false
    }
  }

  async #restOfLine(): Promise<Buffer> {
    for (let line = this.lexer.restOfLine(); ; line = this.lexer.restOfLine()) {
      if (line) return line
      await this.lexer.fill()
    }
  }

  /** A value that depends on statements under way is not known before they have run. */
  async #settleVariables(line: Buffer): Promise<void> {
    for (const [, name] of line.toString('latin1').matchAll(/:['"{?]*([\w\u0080-\u00ff]+)/g))
      if (this.host.variable(name as string) === PENDING) return this.host.session.rest()
  }

  /** The value of a variable, once what it depends on is known (`#settleVariables`). */
  #settledVariable(name: string): string | undefined {
    const value = this.host.variable(name)
    if (value === PENDING) throw new Error(`the value of ${name} was read too early`)
    return value
  }

  /**
   * A backslash command failed: the script stops, or goes on if ON_ERROR_STOP is off.
   * @throws {ScriptFailure}
   */
  failCommand(message: string, offset: number): void {
    const text = Buffer.from(message, 'latin1').toString()
    if (!this.host.variables.isOn('ON_ERROR_STOP')) return this.host.warn(this.frame, message)
    throw new ScriptFailure(text, {
      kind: 'command',
      code: 'COMMAND_FAILED',
      position: { frame: this.frame, offset },
    })
  }

  refuse(message: string, offset: number, code: string, hint: string): never {
    throw new ScriptFailure(message, { kind: 'refused', code, hint, position: { frame: this.frame, offset } })
  }

  #argumentContext(offset: number): ArgumentContext {
    return {
      variable: (name: string) => this.#settledVariable(name),
      quote: quoteValue,
      program: (command: string) => this.#programValue(command, offset),
      warn: (text: string) => this.host.warn(this.frame, text),
    }
  }

  programOutput(command: string, offset: number): AsyncIterable<Buffer> {
    const { environment, options } = this.host
    if (options.programs)
      return options.programs(Buffer.from(command, 'latin1').toString(), Object.fromEntries(environment))
    return this.refuse(
      'the script runs a program on this machine',
      offset,
      'PROGRAM_REFUSED',
      'If you trust the script, allow it with --allow-programs.',
    )
  }

  /** The value of a text in backquotes. */
  async #programValue(command: string, offset: number): Promise<string> {
    if (!this.conditionals.active) return ''
    const chunks: Buffer[] = []
    for await (const chunk of this.programOutput(command, offset)) chunks.push(chunk)
    return Buffer.concat(chunks).toString('latin1')
  }
}
