// Loaded with `node --import`: writes the URL of every module that the process loads to the file COUNT_MODULES names.
import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.COUNT_MODULES, `${url}\n`)
    return next(url, context)
  },
})
