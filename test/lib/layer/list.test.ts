import { expect, test } from 'vitest'
import { listLayers, type ListOptions } from '../../../src/lib/layer/list.ts'
import { TestLambda } from '../../support/aws/lambda.ts'
import { testAwsSession } from '../../support/aws/session.ts'
import { withEmulator } from '../../support/aws/with-emulator.ts'
import { failureOf } from '../../support/load.ts'

const emulator = withEmulator()
const lambda = new TestLambda(emulator)

const list = (more: Partial<ListOptions> = {}) =>
  listLayers({ aws: testAwsSession(emulator), now: () => new Date('2026-11-21T00:00:00Z'), ...more })

test('each layer with its newest version, by name', async () => {
  await lambda.publish('shop')
  const newest = await lambda.publish('shop', {
    CompatibleRuntimes: ['python3.9', 'python3.13', 'nodejs22.x'],
  })
  await lambda.publish('aardvark')
  const { region, layers } = await list()
  expect(region).toBe('eu-central-1')
  expect(layers).toMatchObject([
    { name: 'aardvark', version: 1, functions: undefined },
    {
      name: 'shop',
      version: 2,
      arn: newest,
      architectures: ['arm64'],
      runtimes: [
        { name: 'python3.9', deprecatedOn: '2025-12-15', isDeprecated: true },
        { name: 'python3.13', deprecatedOn: '2029-06-30', isDeprecated: false },
        { name: 'nodejs22.x', deprecatedOn: undefined, isDeprecated: false },
      ],
      codeSize: expect.any(Number),
      codeSha256: await lambda.sha256Of('shop', 2),
      createdAt: expect.any(Date),
    },
  ])
  expect(layers[1]?.codeSize).toBeGreaterThan(0)
  // Whoever has the link has the zip.
  expect(JSON.stringify(layers)).not.toContain('http')
})

test('all versions of one, and which functions use which', async () => {
  const first = await lambda.publish('shop')
  const second = await lambda.publish('shop')
  await lambda.publish('other')
  await lambda.makeFunction('old', { layers: [first] })
  await lambda.makeFunction('new', { layers: [second] })
  const { layers } = await list({ name: 'shop', versions: true, functions: true })
  expect(layers.map(({ version, functions }) => [version, functions?.map((one) => one.function)])).toEqual([
    [2, ['new']],
    [1, ['old']],
  ])
  const newest = await list({ functions: true })
  expect(newest.layers).toMatchObject([
    { name: 'other', functions: [] },
    {
      name: 'shop',
      functions: [
        { function: 'new', version: 2, runtime: 'python3.13', architecture: 'arm64' },
        { function: 'old', version: 1 },
      ],
    },
  ])
})

test('there may be none', async () => {
  expect(await list()).toEqual({ region: 'eu-central-1', layers: [] })
})

test('one that is not there: the near one is suggested', async () => {
  await lambda.publish('shop')
  for (const versions of [true, false])
    expect(await failureOf(list({ name: 'shopp', versions }))).toMatchObject({
      code: 'LAYER_NOT_FOUND',
      hint: 'Did you mean "shop"?',
    })
  expect(await failureOf(list({ name: 'no spaces' }))).toMatchObject({
    code: 'LAYER_NAME_INVALID',
    kind: 'usage',
  })
})

test('layers and functions come in pages', async () => {
  for (const name of ['one', 'two', 'three']) {
    const arn = await lambda.publish(name)
    await lambda.makeFunction(`${name}-function`, { layers: [arn] })
  }
  // Each first page goes on at a second one, which the emulator fills with all there is.
  for (const [action, field] of [
    ['GET /2018-10-31/layers', 'Layers'],
    ['GET /2015-03-31/functions', 'Functions'],
  ] as const)
    await emulator.fault({
      action,
      rewrite: [['\\A[\\s\\S]*\\Z', JSON.stringify({ [field]: [], NextMarker: 'more' })]],
    })
  const { layers } = await list({ functions: true })
  expect(layers.map(({ name, functions }) => [name, functions?.[0]?.function])).toEqual([
    ['one', 'one-function'],
    ['three', 'three-function'],
    ['two', 'two-function'],
  ])
})

test('a version that may not be looked at has no size', async () => {
  await lambda.publish('shop')
  await emulator.fault({
    action: 'GET /2018-10-31/layers/arn:',
    error: 'AccessDeniedException',
    status: 403,
    times: -1,
  })
  expect(await list()).toMatchObject({ layers: [{ name: 'shop', codeSize: undefined }] })
})
