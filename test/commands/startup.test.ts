import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cruddur } from '../support/cli.ts'
import { withDatabase } from '../support/database.ts'
import { withLayers } from '../support/layer/verify.ts'

// Start-up is guarded by counting what is loaded: times are noise, and it is files that cost time.

const COUNTER = join(import.meta.dirname, '../support/count-modules.js')

/** The modules that a command loads: files of ours, and those of Node by name. */
async function loadedBy(words: readonly string[]): Promise<{ files: string[]; builtins: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-modules-'))
  const list = join(folder, 'list')
  try {
    const { stderr } = await cruddur(words, {
      env: { COUNT_MODULES: list },
      nodeArguments: ['--import', COUNTER],
    })
    expect(stderr).toBe('')
    const urls = readFileSync(list, 'utf8').trim().split('\n')
    return {
      files: urls.filter((url) => url.startsWith('file:')),
      builtins: urls.filter((url) => url.startsWith('node:')),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('--version loads the executable and at most four files', async () => {
  const { files } = await loadedBy(['--version'])
  expect(files.length).toBeLessThanOrEqual(4)
})

test('a db command loads at most 8 files, none of another package', () =>
  withDatabase(async (url) => {
    const { files } = await loadedBy(['db', 'status', '--url', url])
    expect(files.filter((file) => file.includes('node_modules'))).toEqual([])
    expect(files.length).toBeLessThanOrEqual(8)
  }))

test.each([
  [['-c', 'select 1'], 10],
  [['-c', 'select 1', '--no-psql'], 16],
  [['-c', 'select 1', '--json'], 13],
] as const)('db connect %j loads at most %i files, nothing for a terminal', async (words, limit) => {
  await withDatabase(async (url) => {
    const { files, builtins } = await loadedBy(['db', 'connect', '--url', url, ...words])
    expect(files.filter((file) => file.includes('node_modules'))).toEqual([])
    expect(files.length).toBeLessThanOrEqual(limit)
    expect(files.filter((file) => /terminal|live/.test(file))).toEqual([])
    expect(builtins).not.toContain('node:readline')
  })
})

test('layer verify of files loads nothing that asks AWS, and nothing for containers', () =>
  withLayers(async (place) => {
    const { files, builtins } = await loadedBy(['layer', 'verify', place.zip({ 'python/a.py': '' })])
    expect(files.filter((file) => file.includes('/@aws-sdk/') || file.includes('/@smithy/'))).toEqual([])
    expect(builtins.filter((name) => /^node:(child_process|http|https|tls)$/.test(name))).toEqual([])
    expect(files.length).toBeLessThanOrEqual(14)
  }))

test("of Node's own modules, those that few commands need are not loaded", () =>
  withDatabase(async (url) => {
    const plain = `${url}${url.includes('?') ? '&' : '?'}sslmode=disable`
    const { builtins } = await loadedBy(['db', 'status', '--url', plain])
    expect(builtins).toContain('node:net')
    expect(
      builtins.filter((name) => /^node:(child_process|crypto|http|readline|tls|zlib)$/.test(name)),
    ).toEqual([])
  }))
