#!/usr/bin/env node
// Runs the sources without a build; needs Node 22.18 or newer, which strips the types itself.
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'

process.env.NODE_ENV ??= 'development'
const root = dirname(import.meta.dirname)
const pjson = JSON.parse(readFileSync(`${root}/package.json`, 'utf8').replaceAll('./dist/cli/', './src/'))
const { settings } = await import('@oclif/core/settings')
settings.enableAutoTranspile = false
const { main } = await import('../src/lib/cli/main.ts')
await main({ root, pjson, ignoreManifest: true })
