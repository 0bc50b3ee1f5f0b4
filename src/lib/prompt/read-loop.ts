import { CruddurError, throwIfAborted } from '../errors.ts'
import type { ArgumentContext } from '../script/arguments.ts'
import { CommandError } from '../script/commands/command.ts'
import type { Interpreter } from '../script/interpreter.ts'
import type { Stop } from '../script/lexer-context.ts'
import { quoteValue } from '../script/quote-value.ts'
import { ScriptFailure } from '../script/script-failure.ts'
import { ScriptRun } from '../script/script-run.ts'
import type { ScriptReader } from '../script/script-reader.ts'
import type { Frame, Statement } from '../script/statement.ts'
import { Window } from '../script/window.ts'
import { readCommand } from './commands/carry-out.ts'
import type { CommandContext } from './commands/command.ts'
import { failureError, failureText, problemText } from './failure-text.ts'
import { InputInterrupted } from './input-interrupted.ts'
import type { PromptSession } from './prompt-session.ts'

/** What the loop works with. */
export interface LoopParts {
  interpreter: Interpreter
  session: PromptSession
  context: CommandContext
  /** Stands for the input in statements and messages. */
  frame: Frame
  source: ScriptReader
  /** Whether a person types: then an error does not end the loop. */
  interactive: boolean
  /** The number of the line at an offset of the input; offsets do not go back. */
  lineOf?: ((offset: number) => number) | undefined
  signal?: AbortSignal | undefined
}

/**
 * Reads statements and backslash commands and carries them out, one by one, up to the end of the input or `\q`. The
 * reading is that of scripts: same lexer, same variables, same COPY data.
 */
export class ReadLoop {
  run: ScriptRun
  readonly #parts: LoopParts
  #window: Window
  /** Line of the input on which the present statement or command begins. */
  #line: number | undefined
  /** Whether the input has ended. */
  #ended = false
  /** The input ended where data was asked for: at a terminal that ends the data only. */
  #dataEnded = false

  constructor(parts: LoopParts) {
    this.#parts = parts
    ;[this.run, this.#window] = this.#newRun()
  }

  #newRun(): [ScriptRun, Window] {
    const { source, interpreter, frame, session } = this.#parts
    const window: Window = new Window({
      next: async () => {
        // Data of a COPY is not kept for the sake of line numbers.
        if (session.copying) this.#parts.lineOf?.(window.input.offset + window.input.position)
        const data = session.copying
        const chunk = await source.next()
        this.#ended = chunk === undefined
        this.#dataEnded = data && this.#ended
        return chunk
      },
      close: () => source.close(),
    })
    return [new ScriptRun(interpreter, window, frame), window]
  }

  /** @throws {CruddurError} where nobody types, at the first failure; `INTERRUPTED`; `CONNECTION_LOST` */
  async toEnd(): Promise<void> {
    const { interactive, signal } = this.#parts
    // A byte order mark can only begin a file.
    if (!interactive) await this.#window.open()
    for (;;) {
      throwIfAborted(signal)
      try {
        if ((await this.#step()) === 'quit') return
      } catch (error) {
        throwIfAborted(signal)
        await this.#onError(error)
      }
    }
  }

  async #step(): Promise<'quit' | void> {
    const { lexer } = this.run
    const stop = this.#scan()
    if (stop === 'more') await lexer.fill()
    else if (stop === 'sync') await this.#parts.session.rest()
    else if (stop === 'semicolon') await this.#endStatement()
    else if (stop === 'backslash') return this.#command()
    else return this.#end()
  }

  /**
   * At a terminal a line is complete: the lexer must not wait for the next one to see where a word or a number at its
   * end ends. So each line is read as if it were the last.
   */
  #scan(): Stop {
    const { interactive } = this.#parts
    this.#window.final = interactive || this.#ended
    const stop = this.run.lexer.scan()
    this.#window.final = this.#ended
    return stop === 'end' && !this.#ended ? 'more' : stop
  }

  /** In a branch that is skipped only its own text is dropped; a statement that began before it goes on behind it. */
  async #endStatement(): Promise<void> {
    const { lexer, conditionals } = this.run
    const mark = conditionals.droppedFrom
    if (mark) lexer.drop(mark)
    else await this.#submit(lexer.take())
  }

  async #submit(statement: Statement | undefined): Promise<void> {
    if (!statement) return
    this.#line = this.#parts.lineOf?.(statement.offset)
    await this.run.send(statement)
  }

  /** At the end a statement without semicolon still counts, as in psql; but not one that a person left unfinished. */
  async #end(): Promise<'quit' | void> {
    if (!this.#parts.interactive) await this.#submit(this.run.lexer.take())
    else if (this.#dataEnded) return this.#discard()
    return 'quit'
  }

  async #command(): Promise<'quit' | void> {
    const { lexer } = this.run
    const { context } = this.#parts
    const offset = lexer.offset - 1
    this.#line = this.#parts.lineOf?.(offset)
    const line = (await this.#restOfLine()).toString('latin1')
    const command = { run: this.run, context, line, offset, arguments: this.#argumentContext() }
    try {
      const { length, action } = await readCommand(command)
      lexer.consume(length)
      return await action?.()
    } catch (error) {
      // What follows on the line of a command that failed is thrown away.
      if (error instanceof CommandError || error instanceof ScriptFailure)
        lexer.consume((await this.#restOfLine()).length)
      throw error instanceof CommandError ? this.#commandFailure(error, offset) : error
    }
  }

  #commandFailure(error: CommandError, offset: number): ScriptFailure {
    return new ScriptFailure(Buffer.from(error.message, 'latin1').toString(), {
      kind: 'command',
      code: 'COMMAND_FAILED',
      position: { frame: this.#parts.frame, offset },
    })
  }

  async #restOfLine(): Promise<Buffer> {
    for (let line = this.run.lexer.restOfLine(); ; line = this.run.lexer.restOfLine()) {
      if (line) return line
      await this.run.lexer.fill()
    }
  }

  async #onError(error: unknown): Promise<void> {
    const { interactive, frame, context } = this.#parts
    if (error instanceof InputInterrupted && interactive) return this.#discard()
    if (!interactive) {
      if (!(error instanceof ScriptFailure)) throw error
      throw await failureError(error, frame, this.#line)
    }
    if (error instanceof ScriptFailure) context.output.say(await failureText(error, frame, context.style))
    else if (error instanceof CruddurError) context.output.say(problemText(error, context.style))
    else throw error
  }

  /** Drops all that was read and begins anew; the last statement can still be sent again. */
  #discard(): void {
    const { previous } = this.run
    this.#ended = false
    ;[this.run, this.#window] = this.#newRun()
    this.run.previous = previous
  }

  #argumentContext(): ArgumentContext {
    const { interpreter, context } = this.#parts
    return {
      // Statements have run before a command is read, so that no value can be pending.
      variable: (name) => {
        const value = interpreter.variable(name)
        return typeof value === 'string' ? value : undefined
      },
      quote: quoteValue,
      program: async () => {
        throw new CommandError('text in backquotes is a program, and the built-in prompt runs none')
      },
      warn: (text) => context.output.say(`${Buffer.from(text, 'latin1').toString()}\n`),
    }
  }
}
