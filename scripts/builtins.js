// An import of one of Node's own modules copies all of its exports, and reading them loads parts of Node that nobody
// asked for: node:util brings diffs and colours, node:fs its streams, 6 ms at each start. Taken as an object, a module
// loads what is used of it.
import { isBuiltin } from 'node:module'

const VIRTUAL = '\0builtin:'
/** The bundler's own helpers, which what is written here is made of. */
const RUNTIME = '\0rolldown/'

/** A plugin that takes Node's own modules as objects, but for those that are imported only when they are needed. */
export const builtins = {
  name: 'builtins',
  resolveId(id, importer, { kind }) {
    if (!isBuiltin(id)) return undefined
    if (kind === 'dynamic-import' || importer?.startsWith(RUNTIME)) return { id, external: true }
    return `${VIRTUAL}${id.startsWith('node:') ? id : `node:${id}`}`
  },
  load: (id) =>
    id.startsWith(VIRTUAL)
      ? { code: `module.exports = process.getBuiltinModule('${id.slice(VIRTUAL.length)}')`, moduleType: 'js' }
      : undefined,
}
