import { UsageError } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import type { ZipFile } from '../zip/write-zip.ts'

/**
 * Makes sure that the handler of a function is among its files: `app.handler` is `handler` in `app.py`. The code is not run: it counts
 * what is defined, assigned or imported at the margin.
 * @throws {UsageError} `HANDLER_INVALID`, `HANDLER_NOT_FOUND`
 */
export function requireHandler(handler: string, files: readonly ZipFile[]): void {
  const dot = handler.lastIndexOf('.')
  // Lambda takes slashes and dots between folders for the same.
  const module = handler.slice(0, Math.max(0, dot)).replaceAll('.', '/')
  const name = handler.slice(dot + 1)
  if (!/^\w[\w/-]*$/.test(module) || !/^[\p{L}_][\p{L}\d_]*$/u.test(name))
    throw new UsageError(`${JSON.stringify(handler)} cannot be a handler.`, {
      code: 'HANDLER_INVALID',
      hint: 'It is a module and a function: app.handler is the function handler in app.py.',
    })
  const file = files.find((one) => one.name === `${module}.py` || one.name === `${module}/__init__.py`)
  if (!file) throw notFound(handler, `there is no ${module}.py`, nearModule(module, name, files))
  const text = 'content' in file ? Buffer.from(file.content).toString('utf8') : ''
  if (!definesName(text, name))
    throw notFound(handler, `${file.name} has no ${name}`, nearName(text, module, name))
}

/** Whether a module has a name, as far as can be told without running it. */
function definesName(text: string, name: string): boolean {
  const has = (pattern: string) => new RegExp(pattern, 'mu').test(text)
  const definition = String.raw`(?:async[ \t]+)?(?:def|class)[ \t]+${name}\b`
  return (
    has(`^${definition}`) ||
    has(String.raw`^${name}[ \t]*(?::[^=\n]*)?=(?!=)`) ||
    importsIn(text).some((statement) => new RegExp(`\\b${name}\\b`, 'u').test(statement)) ||
    // One of everything may bring it.
    has(String.raw`^from[ \t]+\S+[ \t]+import[ \t]+\*`) ||
    // One of several, within try or if.
    (has(String.raw`^(?:try|if)\b`) && has(String.raw`^[ \t]+${definition}`))
  )
}

/** What is imported at the margin; names may stand on several lines in parentheses. */
function importsIn(text: string): string[] {
  const statements = text.matchAll(/^(?:from[ \t]+\S+[ \t]+)?import\b((?:\([^)]*\)|[^\n(])*)/gm)
  return [...statements].map(([, names = '']) => names)
}

function nearModule(module: string, name: string, files: readonly ZipFile[]): string | undefined {
  const modules = files.flatMap((file) => (file.name.endsWith('.py') ? file.name.slice(0, -3) : []))
  const near = nearest(module, modules)
  return near === undefined ? undefined : `${near.replaceAll('/', '.')}.${name}`
}

function nearName(text: string, module: string, name: string): string | undefined {
  const names = [...text.matchAll(/^(?:async[ \t]+)?def[ \t]+(\w+)/gm)].map(([, found = '']) => found)
  const near = nearest(name, names)
  return near === undefined ? undefined : `${module.replaceAll('/', '.')}.${near}`
}

function notFound(handler: string, reason: string, near: string | undefined): UsageError {
  return new UsageError(`The handler ${handler} is not there: ${reason}.`, {
    code: 'HANDLER_NOT_FOUND',
    hint:
      near === undefined
        ? 'It is a module and a function of the folder, e.g. app.handler.'
        : `Did you mean ${near}?`,
    details: { handler },
  })
}
