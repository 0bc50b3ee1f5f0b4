import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { verifyLayer, type VerifyLayerOptions } from '../../../../src/lib/layer/verify/verify-layer.ts'
import { makeElf } from '../../../support/layer/make-elf.ts'
import { withLayers } from '../../../support/layer/verify.ts'

const ARM = { 'python/a/_a.cpython-312-aarch64-linux-gnu.so': makeElf({ machine: 183 }) }

/** What a zip is judged for, with what stands in its `.layer.json`. */
async function targetOf(
  files: Readonly<Record<string, string | Buffer>>,
  json?: string,
  options: Partial<VerifyLayerOptions> = {},
): Promise<string> {
  return withLayers(async (place) => {
    const path = place.zip(files)
    if (json !== undefined) writeFileSync(path.replace(/\.zip$/, '.layer.json'), json)
    const { runtimes, runtimesFrom, architecture, architectureFrom } = await verifyLayer({ path, ...options })
    return `${runtimes.join('+')} (${runtimesFrom}) ${architecture} (${architectureFrom})`
  })
}

test('what is said goes first, then the file beside the zip, then the files in it', async () => {
  const json = '{"python":"3.14","arch":"x86_64"}'
  expect(await targetOf(ARM)).toBe('python3.12 (layer) arm64 (layer)')
  expect(await targetOf(ARM, json)).toBe('python3.14 (layer.json) x86_64 (layer.json)')
  expect(await targetOf(ARM, json, { pythons: ['python3.9', '3.10'], arch: 'aarch64' })).toBe(
    'python3.9+python3.10 (options) arm64 (options)',
  )
  expect(await targetOf(ARM, '{}')).toBe('python3.12 (layer) arm64 (layer)')
  expect(await targetOf(ARM, '{"compatibleRuntimes":["python3.11","python3.12"]}')).toBe(
    'python3.11+python3.12 (layer.json) arm64 (layer)',
  )
})

test('the folder of packages tells the Python, and nothing tells more than the usual', async () => {
  expect(await targetOf({ 'python/lib/python3.10/site-packages/a.py': '' })).toBe(
    'python3.10 (layer) arm64 (default)',
  )
  expect(await targetOf({ 'python/a.py': '' })).toBe('python3.13 (default) arm64 (default)')
})

test('most files decide; a Python that Lambda does not have is none', async () => {
  const x86 = {
    'python/b/_b.cpython-313-x86_64-linux-gnu.so': makeElf(),
    'python/c/_c.cpython-313-x86_64-linux-gnu.so': makeElf(),
  }
  expect(await targetOf({ ...ARM, ...x86 })).toBe('python3.13 (layer) x86_64 (layer)')
  expect(await targetOf({ 'python/a/_a.cpython-27-x86_64-linux-gnu.so': makeElf() })).toBe(
    'python3.13 (default) x86_64 (layer)',
  )
  expect(await targetOf({ 'python/a/_a.cpython-36-x86_64-linux-gnu.so': makeElf() })).toBe(
    'python3.13 (default) x86_64 (layer)',
  )
})

test('unknown names are refused before anything is read', async () => {
  await expect(verifyLayer({ path: '/nowhere', pythons: ['2.7'] })).rejects.toMatchObject({
    code: 'UNKNOWN_RUNTIME',
  })
  await expect(verifyLayer({ path: '/nowhere', arch: 'mips' })).rejects.toMatchObject({
    code: 'UNKNOWN_ARCHITECTURE',
  })
})

test('a .layer.json that is none is said', async () => {
  await expect(targetOf(ARM, 'not JSON')).rejects.toMatchObject({ code: 'LAYER_JSON_INVALID' })
  await expect(targetOf(ARM, '"3.13"')).rejects.toMatchObject({ code: 'LAYER_JSON_INVALID' })
})
