import { styleText } from 'node:util'
import { CruddurError } from '../errors.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { printable, printableInColumns } from './format.ts'

/** The error as `--json` shows it, under the key `error`. */
interface ErrorReport {
  code: string
  message: string
  hint?: string
  details?: Record<string, unknown>
}

/** oclif's own errors (unknown flag, missing value …) carry their exit code here. */
interface OclifError extends Error {
  oclif?: { exit?: number }
}

/** Whether the error comes from parsing the command line. */
function isUsageError(error: Error): boolean {
  return 'parse' in error || (error as OclifError).oclif?.exit === 2
}

/** The exit code that belongs to an error, by the table in `exit-codes.ts`. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CruddurError) return EXIT_CODES[error.kind]
  if (error instanceof Error && isUsageError(error)) return EXIT_CODES.usage
  return EXIT_CODES.failed
}

/** What is known of an error, as plain data. */
export function describeError(error: unknown): ErrorReport {
  if (error instanceof CruddurError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(Object.keys(error.details).length === 0 ? {} : { details: error.details }),
    }
  }
  if (error instanceof Error && isUsageError(error))
    return {
      code: 'USAGE',
      message: firstParagraph(error.message),
      hint: error.message.includes('://')
        ? 'A connection URL is given with --url.'
        : 'Add --help to see what the command takes.',
    }
  return {
    code: 'UNEXPECTED',
    message: error instanceof Error ? error.message : String(error),
    hint: 'This is a bug in cruddur; please report it. DEBUG=cruddur shows where it comes from.',
  }
}

/** oclif appends "See more help with --help" after a line break; the hint says it already. */
function firstParagraph(message: string): string {
  return message.replace(/\n*See more help with --help\s*$/, '').trim()
}

/**
 * The value as JSON, with the secrets in its texts masked. Not in the JSON itself: a password of digits, or one that is
 * the name of a field, would leave text that is JSON no more.
 */
export function toJson(value: unknown, redact: (text: string) => string): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === 'string' ? redact(one) : one), 2)
}

/**
 * Writes an error where it belongs: as JSON to stdout, or in words to stderr.
 * @param redact masks the secrets that are known by then
 */
export function reportError(
  error: unknown,
  options: { json: boolean; redact?: (text: string) => string },
): void {
  const redact = options.redact ?? ((text: string) => text)
  const report = describeError(error)
  if (options.json) {
    process.stdout.write(`${toJson({ error: report }, redact)}\n`)
    return
  }
  // What a server or a script says may hold escape sequences, which the terminal is not to obey.
  const lines = [`${paint('red', 'Error:')} ${printable(report.message)}`]
  if (error instanceof CruddurError && error.context) lines.push(indent(printableInColumns(error.context)))
  if (report.hint) lines.push(`${paint('cyan', 'Try this:')} ${printable(report.hint)}`)
  if (process.env['DEBUG'] && error instanceof Error && error.stack) lines.push('', printable(error.stack))
  process.stderr.write(`${redact(lines.join('\n'))}\n`)
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ')
}

/** Colours text for stderr; obeys NO_COLOR, FORCE_COLOR and whether stderr is a terminal. */
export function paint(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { stream: process.stderr })
}
