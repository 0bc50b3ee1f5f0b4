/** Characters that mean something in a regular expression. */
const SPECIAL = /[.+^${}()|[\]\\]/g

/** What the wildcards of a pattern stand for: `**` any folders, `*` and `?` any characters but a slash. */
const WILDCARDS: Readonly<Record<string, string>> = {
  '**/': '(?:.*/)?',
  '**': '.*',
  '*': '[^/]*',
  '?': '[^/]',
}

/**
 * A pattern for paths, as in `.gitignore`: one with a slash in it is meant from the beginning on (`pandas/tests/**`), one without for a
 * file or folder of that name anywhere (`*.pyi`, `tests`). What it says of a folder holds for all that is in it.
 * @returns tells whether it fits a path, which has slashes and begins with none
 */
export function pathPattern(pattern: string): (path: string) => boolean {
  const bare = pattern.replace(/^\/|\/$/g, '')
  const isAnchored = bare !== pattern.replace(/\/$/, '') || bare.includes('/')
  const source = bare
    .replaceAll(SPECIAL, String.raw`\$&`)
    .replaceAll(/\*\*\/|\*\*|\*|\?/g, (wildcard) => WILDCARDS[wildcard] ?? wildcard)
  const expression = new RegExp(`^${isAnchored ? '' : '(?:.*/)?'}${source}(?:/.*)?$`, 's')
  return (path) => expression.test(path)
}
