import { dirname } from 'node:path'
import { main } from './lib/cli/main.ts'

// dist/cli/cli.js: the package's root is two folders up.
await main({ root: dirname(dirname(import.meta.dirname)) })
