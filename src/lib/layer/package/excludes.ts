/**
 * What a function's folder holds that is no part of the function, wherever it is. A name, or a path from the folder on when it has a
 * slash in it; `*` stands for anything but a slash, `**` for anything.
 */
export const USUAL_EXCLUDES: readonly string[] = [
  // Version control.
  '.git',
  '.gitignore',
  '.gitattributes',
  '.hg',
  '.svn',
  // What Python, and tools for it, leave: none of it is read in Lambda, where /var/task is read-only.
  '__pycache__',
  '*.pyc',
  '*.pyo',
  '.venv',
  'venv',
  '.mypy_cache',
  '.pytest_cache',
  '.ruff_cache',
  '.tox',
  '.coverage',
  // Secrets and settings of a machine: a function's settings are its environment.
  '.env',
  '.env.*',
  '.envrc',
  '.aws',
  // Editors and systems.
  '.idea',
  '.vscode',
  '.DS_Store',
  'Thumbs.db',
  // Other tools' output.
  '.aws-sam',
  '.serverless',
  '.terraform',
  'cdk.out',
  'node_modules',
  '.cruddur',
]

/**
 * Makes a test for paths out of patterns.
 * @returns whether a path, with slashes and without one at its end, is left out
 */
export function excluder(patterns: readonly string[]): (path: string) => boolean {
  const expressions = patterns.map(toExpression)
  return (path) => expressions.some((expression) => expression.test(path))
}

function toExpression(pattern: string): RegExp {
  const plain = pattern.replace(/^\.?\//, '').replace(/\/$/, '')
  const isAnywhere = !plain.includes('/')
  const body = plain
    .split(/(\*\*\/?|\*|\?)/)
    .map((part) => WILDCARDS[part] ?? part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`))
    .join('')
  return new RegExp(`^${isAnywhere ? '(?:.*/)?' : ''}${body}$`, 's')
}

const WILDCARDS: Readonly<Record<string, string>> = {
  '**/': '(?:.*/)?',
  '**': '.*',
  '*': '[^/]*',
  '?': '[^/]',
}
