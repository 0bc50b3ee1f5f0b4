// Loaded with `node --import`: writes the URL of every file that the process loads, and at its end the names of Node's
// own modules, to the file COUNT_MODULES names.
import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) appendFileSync(process.env.COUNT_MODULES, `${url}\n`)
    return next(url, context)
  },
})

process.on('exit', () => {
  // The hook sees imports only; this list also has what was taken as an object.
  const names = process.moduleLoadList.flatMap(
    (entry) => /^NativeModule (?!internal\/)(.+)$/.exec(entry)?.[1] ?? [],
  )
  appendFileSync(process.env.COUNT_MODULES, names.map((name) => `node:${name}\n`).join(''))
})
