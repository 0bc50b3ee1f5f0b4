import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { fetchPublishedLayer, type PublishedOptions } from '../../../src/lib/layer/published.ts'
import { TestLambda } from '../../support/aws/lambda.ts'
import { testAwsSession } from '../../support/aws/session.ts'
import { withEmulator } from '../../support/aws/with-emulator.ts'
import { makeZip } from '../../support/layer/make-zip.ts'
import { failureOf } from '../../support/load.ts'

// What has been published comes back, also over a bad line.

const zip = makeZip([{ name: 'python/data', content: randomBytes(300_000), mode: 0o100_644 }])
const CONTENT = 'GET /content/'

const emulator = withEmulator()
const lambda = new TestLambda(emulator)

const fetchLayer = (arn: string, more: Partial<PublishedOptions> = {}) =>
  fetchPublishedLayer({ aws: testAwsSession(emulator), arn, ...more })
/** Fetches a layer, and removes it. */
async function withNotes(arn: string) {
  const notes: string[] = []
  const layer = await fetchLayer(arn, {
    onProgress: (event) => void (event.type === 'note' && notes.push(event.text)),
  })
  await layer.remove()
  return { layer, notes }
}

const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('cruddur-layer-'))

test('the zip comes back as it was, and is removed when it is not needed any more', async () => {
  const arn = await lambda.publish('shop', { zip })
  const done: number[] = []
  const layer = await fetchLayer(arn, {
    onProgress: (event) => void (event.type === 'bytes' && done.push(event.done)),
  })
  expect(readFileSync(layer.path).equals(zip)).toBe(true)
  expect(layer).toMatchObject({
    version: { name: 'shop', version: 1, codeSha256: createHash('sha256').update(zip).digest('base64') },
    functions: [],
    pythons: ['python3.13'],
    arch: 'arm64',
  })
  expect(layer.version).not.toHaveProperty('location')
  expect(done.at(-1)).toBe(zip.length)
  await layer.remove()
  expect(existsSync(layer.path)).toBe(false)
})

test('a layer without a version means its newest one', async () => {
  const arn = await lambda.publish('shop')
  await lambda.publish('shop', { zip })
  // The emulator lists versions by name only.
  await emulator.fault({
    action: 'GET /2018-10-31/layers/',
    rewrite: [['\\A[\\s\\S]*\\Z', JSON.stringify({ LayerVersions: [{ Version: 2 }, { Version: 1 }] })]],
  })
  const layer = await fetchLayer(arn.replace(/:\d+$/, ''))
  expect(layer.version.version).toBe(2)
  await layer.remove()
})

test('it is judged for the functions that use just this version', async () => {
  const arn = await lambda.publish('shop', { zip, CompatibleRuntimes: ['python3.13'] })
  const other = await lambda.publish('shop')
  await lambda.makeFunction('one', { layers: [arn], runtime: 'python3.12' })
  await lambda.makeFunction('two', { layers: [arn], runtime: 'python3.11' })
  await lambda.makeFunction('three', { layers: [other], runtime: 'python3.10', architecture: 'x86_64' })
  const layer = await fetchLayer(arn)
  expect(layer).toMatchObject({
    functions: [{ name: 'one', runtime: 'python3.12' }, { name: 'two' }],
    pythons: ['python3.12', 'python3.11'],
    arch: 'arm64',
    source: 'functions',
  })
  await layer.remove()
  // Who may not list functions is told what the layer says.
  await emulator.fault({ action: 'GET /2015-03-31/functions', error: 'AccessDeniedException', status: 403 })
  const { layer: alone, notes } = await withNotes(arn)
  expect(alone).toMatchObject({ functions: [], pythons: ['python3.13'], source: 'version' })
  expect(notes).toEqual([expect.stringContaining('may not be listed')])
  // Anything else that goes wrong is no reason to judge it for something else.
  await emulator.fault({
    action: 'GET /2015-03-31/functions',
    error: 'ServiceException',
    status: 500,
    times: -1,
  })
  await expect(fetchLayer(arn)).rejects.toMatchObject({ code: expect.stringMatching(/^AWS_/) })
})

test('functions in other languages say nothing about it, and runtimes that are not known are told', async () => {
  const arn = await lambda.publish('shop', {
    zip,
    CompatibleRuntimes: ['python3.7', 'python3.13', 'nodejs22.x'],
  })
  await lambda.makeFunction('other', { layers: [arn], runtime: 'nodejs22.x', architecture: 'x86_64' })
  const { layer, notes } = await withNotes(arn)
  expect(layer).toMatchObject({ pythons: ['python3.13'], arch: 'arm64', source: 'version' })
  expect(notes).toEqual([expect.stringContaining('not judged for python3.7')])
})

test('functions of both architectures are told of', async () => {
  const arn = await lambda.publish('shop', { zip })
  await lambda.makeFunction('one', { layers: [arn], runtime: 'python3.13' })
  await lambda.makeFunction('two', { layers: [arn], runtime: 'python3.13', architecture: 'x86_64' })
  const { layer, notes } = await withNotes(arn)
  expect(layer).toMatchObject({ pythons: ['python3.13'], arch: undefined })
  expect(notes).toEqual([expect.stringContaining('--arch')])
})

describe('over a bad line', () => {
  test('what has arrived is kept, and the rest fetched', async () => {
    const arn = await lambda.publish('shop', { zip })
    await emulator.fault({ action: CONTENT, cut: 100_000 })
    await emulator.fault({ action: CONTENT, cut: 50_000 })
    const layer = await fetchLayer(arn)
    expect(readFileSync(layer.path).equals(zip)).toBe(true)
    await layer.remove()
  })

  test('a link that has expired is asked for anew', async () => {
    const arn = await lambda.publish('shop', { zip })
    await emulator.fault({ action: CONTENT, error: 'AccessDenied', status: 403 })
    const layer = await fetchLayer(arn)
    expect(readFileSync(layer.path).equals(zip)).toBe(true)
    await layer.remove()
  })

  test('a line that does not hold is an error, and leaves nothing', async () => {
    const before = left()
    const arn = await lambda.publish('shop', { zip })
    await emulator.fault({ action: CONTENT, drop: true, times: -1 })
    const error = await failureOf(fetchLayer(arn))
    expect(error).toMatchObject({ code: 'LAYER_DOWNLOAD_FAILED', kind: 'unreachable' })
    expect(error.message).not.toContain('http')
    expect(left()).toEqual(before)
  })

  test('other bytes are noticed, and leave nothing', async () => {
    const before = left()
    const arn = await lambda.publish('shop')
    await emulator.fault({
      action: 'GET /2018-10-31/layers/',
      rewrite: [['"CodeSha256": "[^"]*"', `"CodeSha256": "${'A'.repeat(43)}="`]],
    })
    expect(await failureOf(fetchLayer(arn))).toMatchObject({ code: 'LAYER_DOWNLOAD_DAMAGED' })
    expect(left()).toEqual(before)
  })

  test('Ctrl-C leaves nothing', async () => {
    const before = left()
    const arn = await lambda.publish('shop', { zip })
    await emulator.fault({ action: CONTENT, delay: 20 })
    const abort = new AbortController()
    const failure = failureOf(fetchLayer(arn, { signal: abort.signal }))
    await expect
      .poll(async () => (await emulator.calls()).some(({ action }) => action.startsWith(CONTENT)))
      .toBe(true)
    abort.abort()
    expect(await failure).toMatchObject({ kind: 'interrupted' })
    expect(left()).toEqual(before)
  })
})

test.each([
  ['psycopg2', 'LAYER_ARN_INVALID', 'usage'],
  ['arn:aws:lambda:us-west-2:123456789012:layer:shop:1', 'LAYER_ELSEWHERE', 'usage'],
  ['arn:aws:lambda:eu-central-1:123456789012:layer:shop:1', 'LAYER_NOT_FOUND', 'failed'],
])('%s: %s', async (arn, code, kind) => {
  expect(await failureOf(fetchLayer(arn))).toMatchObject({ code, kind })
})
