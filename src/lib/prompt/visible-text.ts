/**
 * Characters that a terminal would obey instead of showing (Unicode category Cc: C0, DEL and C1), and those that
 * turn the direction of what follows, so that a line reads otherwise than it is.
 */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
/** The same but for tab and line feed. */
// eslint-disable-next-line no-control-regex
const UNSAFE_IN_LINES = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** A control character as psql shows it: `\r`, `\x1B`, `\u0085`. */
function escapeCharacter(character: string): string {
  if (character === '\r') return '\\r'
  const code = character.charCodeAt(0).toString(16).toUpperCase()
  return code.length <= 2 && character <= '\u007f'
    ? `\\x${code.padStart(2, '0')}`
    : `\\u${code.padStart(4, '0')}`
}

/** Text from the database for a place within a line (a name, a title): control characters become visible. */
export function visible(text: string): string {
  return text.replace(UNSAFE, escapeCharacter)
}

/** Text of several lines (a message, a definition): line breaks and tabs stay, other control characters become visible. */
export function visibleLines(text: string): string {
  return text.replace(UNSAFE_IN_LINES, escapeCharacter)
}
