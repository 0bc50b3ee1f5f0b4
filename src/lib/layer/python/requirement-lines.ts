/** A line of a requirements file as it counts: put together, without comments, variables filled in. */
export interface RequirementLine {
  /** What counts; may hold secrets. */
  text: string
  /** The same for messages: variables by name, logins in URLs left out. */
  shown: string
  /** Of the first of its lines, from 1. */
  number: number
}

const COMMENT = /(?:^|\s+)#.*$/
const VARIABLE = /\$\{([A-Z\d_]+)\}/g

/**
 * Takes a requirements file apart as pip does: a backslash at the end goes on with the next line, `#` behind a blank begins a comment,
 * `${NAME}` is a variable of the environment (one that is not set stays as it is).
 */
export function requirementLines(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): RequirementLine[] {
  return joined(text).flatMap(({ text: line, number }) => {
    const bare = line.replace(COMMENT, '').trim()
    if (bare === '') return []
    const filled = bare.replaceAll(VARIABLE, (whole, name: string) => environment[name] || whole)
    return { text: filled, shown: maskLogins(bare), number }
  })
}

/** A text without the logins of the URLs in it. */
export function maskLogins(text: string): string {
  return text.replaceAll(/(\w:\/\/)[^/\s@]*@/g, '$1***@')
}

function joined(text: string): { text: string; number: number }[] {
  const lines: { text: string; number: number }[] = []
  let open: { text: string; number: number } | undefined
  for (const [index, line] of text
    .replace(/^\u{FEFF}/u, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const isComment = COMMENT.test(line)
    // A comment ends what the lines before began, even if it ends in a backslash itself.
    const goesOn = line.endsWith('\\') && !isComment
    open ??= { text: '', number: index + 1 }
    open.text += goesOn ? line.replace(/\\+$/, '') : isComment ? ` ${line}` : line
    if (goesOn) continue
    lines.push(open)
    open = undefined
  }
  return open ? [...lines, open] : lines
}

/** Splits a line at blanks as a shell would: quotes hold together what belongs together. */
export function splitWords(text: string): string[] {
  return [...text.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replaceAll(/["']/g, ''))
}
