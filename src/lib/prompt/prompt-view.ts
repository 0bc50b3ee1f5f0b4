import type { CruddurError } from '../errors.ts'
import type { QueryResult } from '../postgres/query.ts'
import type { ServerMessage } from '../postgres/server-message.ts'
import type { ScriptFailure } from '../script/script-failure.ts'
import type { Frame, Statement } from '../script/statement.ts'
import type { CommandContext } from './commands/command.ts'
import { timingText } from './commands/display.ts'
import { failureText } from './failure-text.ts'
import { noticeText } from './message-text.ts'
import type { SessionView } from './session-view.ts'
import { printResult } from './result-printer.ts'
import { visible, visibleLines } from './visible-text.ts'

/** psql's words when it waits for the data of a COPY. */
const COPY_HELP = `Enter data to be copied followed by a newline.
End with a backslash and a period on a line by itself, or an EOF signal.
`

/** Shows what statements bring on the two streams of a prompt. */
export class PromptView implements SessionView {
  readonly #context: CommandContext
  readonly #frame: Frame
  readonly #terminal: boolean
  /** Data of a COPY has gone to the output: its tag would look like more of it. */
  #copied = false

  /**
   * @param frame the prompt's own, to tell it from scripts that it runs
   * @param terminal whether what is written goes to a terminal, which must not be sent control characters
   */
  constructor(context: CommandContext, frame: Frame, terminal: boolean) {
    this.#context = context
    this.#frame = frame
    this.#terminal = terminal
  }

  async result(result: QueryResult): Promise<void> {
    if (this.#copied && result.command.startsWith('COPY ')) this.#copied = false
    else await printResult(result, this.#context)
  }

  copyIn(statement: Statement): void {
    if (this.#terminal && statement.frame === this.#frame) this.note(COPY_HELP)
  }

  copyOut(chunk: Buffer): boolean {
    const { output, session } = this.#context
    this.#copied = true
    return output.write(this.#terminal ? visibleLines(session.connection.decode(chunk)) : chunk)
  }

  copyDrained(): Promise<void> {
    return this.#context.output.drained()
  }

  took(milliseconds: number): void {
    this.#copied = false
    if (this.#context.settings.timing) this.#context.output.write(timingText(milliseconds))
  }

  async error(failure: ScriptFailure): Promise<void> {
    this.#context.output.say(await failureText(failure, this.#frame, this.#context.style))
  }

  /** A NOTICE or WARNING of the server. */
  notice(message: ServerMessage): void {
    this.#context.output.say(noticeText(message))
  }

  lost(error: CruddurError): void {
    this.note(`${error.message}\nWhether the statement was carried out is not known.\n`)
  }

  connected(): void {
    const { user, database } = this.#context.session.connection.target
    this.note(`You are now connected to database "${visible(database)}" as user "${visible(user)}".\n`)
  }

  note(text: string): void {
    this.#context.output.say(visibleLines(text))
  }
}
