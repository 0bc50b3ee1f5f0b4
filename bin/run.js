#!/usr/bin/env node
import module from 'node:module'

if (!process.getBuiltinModule) {
  console.error(`cruddur needs Node 20.16 or newer; this is ${process.version}.`)
  process.exit(2)
}

// Not a named import: Node 20 has no compile cache and would refuse to start.
module.enableCompileCache?.()

try {
  await import('../dist/cli/cli.js')
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/dist[\\/]cli[\\/]cli\.js/.test(error.message)) throw error
  console.error('cruddur is not built here yet. Try this: npm ci (or npm run build)')
  process.exitCode = 1
}
