import { CruddurError } from '../errors.ts'
import { toScriptError } from '../script/script-error.ts'
import { ScriptFailure } from '../script/script-failure.ts'
import type { Frame, Position } from '../script/statement.ts'
import { errorText } from './message-text.ts'
import { StatementError } from './statement-error.ts'
import type { Style } from './style.ts'
import { visibleLines } from './visible-text.ts'

/** What scripts refuse with a remark on options that a prompt has not. */
const REFUSED: Readonly<Record<string, string>> = {
  PROGRAM_REFUSED: 'The built-in prompt runs no programs.',
  UNSUPPORTED_COMMAND: 'psql has it; the built-in prompt is for machines without psql.',
}

/** Shows a failure to a person: in the words of the server, with the place in the statement or in the script. */
export async function failureText(failure: ScriptFailure, own: Frame, style: Style): Promise<string> {
  const { server, statement, position } = failure
  if (position !== undefined && position.frame !== own)
    return problemText(await toScriptError(withoutPrompt(failure, position, own)), style)
  if (server) return errorText(server, statement?.text.toString(), style)
  return problemText({ message: failure.message, hint: REFUSED[failure.code] ?? failure.hint }, style)
}

/** The failure as if the outermost script had not been included from the prompt, which has no lines to name. */
function withoutPrompt(failure: ScriptFailure, position: Position, own: Frame): ScriptFailure {
  const { message, kind, code, hint, statement, server } = failure
  return new ScriptFailure(message, {
    kind,
    code,
    hint,
    statement,
    server,
    position: withoutFrame(position, own),
  })
}

function withoutFrame({ frame, offset }: Position, own: Frame): Position {
  const { includedAt } = frame
  const above = includedAt && includedAt.frame !== own ? withoutFrame(includedAt, own) : undefined
  return { offset, frame: { ...frame, includedAt: above } }
}

/** Shows an error of ours to a person. */
export function problemText(
  { message, context, hint }: Pick<CruddurError, 'message' | 'hint'> & { context?: string | undefined },
  style: Style,
): string {
  const lines = [`${style.error('ERROR:')}  ${visibleLines(message)}`]
  if (context) lines.push(visibleLines(context))
  if (hint) lines.push(`HINT:  ${visibleLines(hint)}`)
  return `${lines.join('\n')}\n`
}

/**
 * The error that ends a run where nobody could go on.
 * @param line line of the input on which the statement or command begins, where it was read from a stream
 */
export async function failureError(
  failure: ScriptFailure,
  own: Frame,
  line: number | undefined,
): Promise<CruddurError> {
  const { server, statement, position } = failure
  if (position !== undefined && position.frame !== own)
    return toScriptError(withoutPrompt(failure, position, own))
  if (server) return new StatementError(server, statement?.text.toString() ?? '', line)
  return new CruddurError(`${line === undefined ? '' : `line ${line}: `}${failure.message}`, {
    code: failure.code,
    kind: failure.kind === 'refused' ? 'refused' : 'failed',
    hint: REFUSED[failure.code] ?? failure.hint,
  })
}
