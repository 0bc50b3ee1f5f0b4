import { randomBytes } from 'node:crypto'
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda'
import { beforeEach, describe, expect, test } from 'vitest'
import { type AttachOptions, attachLayer } from '../../../src/lib/layer/attach.ts'
import { TestLambda } from '../../support/aws/lambda.ts'
import { testAwsSession } from '../../support/aws/session.ts'
import { withEmulator } from '../../support/aws/with-emulator.ts'
import { makeZip } from '../../support/layer/make-zip.ts'
import { failureOf } from '../../support/load.ts'

// Attaching on an emulator of Lambda; what counts is what the functions have afterwards.

const LOOK = 'GET /2015-03-31/functions/shop/configuration'
const CHANGE = 'PUT /2015-03-31/functions/'

const emulator = withEmulator()
const lambda = new TestLambda(emulator)

const attach = (functions: string[], layer: string, more: Partial<AttachOptions> = {}) =>
  attachLayer({ aws: testAwsSession(emulator), functions, layer, pace: () => 10, ...more })
const changes = async () => (await emulator.calls()).filter(({ action }) => action.startsWith(CHANGE)).length
/** Makes the next looks see another status than there is. */
const see = (status: string, times: number, after = 0, reason = '') =>
  emulator.fault({
    action: LOOK,
    times,
    after,
    rewrite: [['"LastUpdateStatus": "Successful"', `"LastUpdateStatus": "${status}"${reason}`]],
  })
/** A zip that is small and has so many bytes unpacked. */
const zipOf = (size: number) => makeZip([{ name: 'python/a', content: Buffer.alloc(size), mode: 0o100_644 }])

test('the newest version is attached behind the others; again, there is nothing to do', async () => {
  const other = await lambda.publish('other')
  await lambda.publish('psycopg2')
  const second = await lambda.publish('psycopg2')
  await lambda.makeFunction('shop', { layers: [other] })
  expect(await attach(['shop'], 'psycopg2')).toMatchObject({
    layer: { name: 'psycopg2', version: 2, arn: second },
    functions: [{ function: 'shop', outcome: 'attached', replaced: undefined, layers: [other, second] }],
  })
  expect(await lambda.layersOf('shop')).toEqual([other, second])
  expect(await attach(['shop'], 'psycopg2')).toMatchObject({ functions: [{ outcome: 'unchanged' }] })
  expect(await changes()).toBe(1)
})

test('it takes the place of the older version; the others keep theirs', async () => {
  const [before, old, behind] = [
    await lambda.publish('before'),
    await lambda.publish('psycopg2'),
    await lambda.publish('behind'),
  ]
  const newer = await lambda.publish('psycopg2')
  await lambda.makeFunction('shop', { layers: [before, old, behind] })
  expect(await attach(['shop'], 'psycopg2')).toMatchObject({
    functions: [{ outcome: 'replaced', replaced: old }],
  })
  expect(await lambda.layersOf('shop')).toEqual([before, newer, behind])
  // By its ARN an older one is meant.
  await attach(['shop'], old)
  expect(await lambda.layersOf('shop')).toEqual([before, old, behind])
})

test('several functions: each is told of, and one that fails does not keep the next from it', async () => {
  const arn = await lambda.publish('psycopg2')
  for (const name of ['one', 'three']) await lambda.makeFunction(name)
  await lambda.makeFunction('two', { runtime: 'python3.11' })
  const { functions } = await attach(['one', 'two', 'nobody', 'three', 'one'], 'psycopg2')
  expect(functions).toMatchObject([
    { function: 'one', outcome: 'attached' },
    { function: 'two', outcome: 'failed', error: { code: 'FUNCTION_RUNTIME_MISMATCH' } },
    { function: 'nobody', outcome: 'failed', error: { code: 'FUNCTION_NOT_FOUND' } },
    { function: 'three', outcome: 'attached' },
  ])
  expect(await lambda.layersOf('one')).toEqual([arn])
  expect(await lambda.layersOf('two')).toEqual([])
  expect(await lambda.layersOf('three')).toEqual([arn])
})

test('a dry run says what would be done, and does nothing', async () => {
  const arn = await lambda.publish('psycopg2')
  await lambda.makeFunction('shop')
  expect(await attach(['shop'], 'psycopg2', { dryRun: true })).toMatchObject({
    functions: [{ outcome: 'attached', layers: [arn] }],
    dryRun: true,
  })
  expect(await lambda.layersOf('shop')).toEqual([])
  expect(await changes()).toBe(0)
})

describe('what is refused, before anything is changed', () => {
  test('another runtime', async () => {
    await lambda.publish('psycopg2')
    await lambda.makeFunction('shop', { runtime: 'python3.11' })
    const error = await failureOf(attach(['shop'], 'psycopg2'))
    expect(error).toMatchObject({ code: 'FUNCTION_RUNTIME_MISMATCH', kind: 'refused' })
    expect(error.message).toContain('python3.11')
    expect(error.hint).toContain('--python 3.11')
  })

  test('a runtime of another language', async () => {
    await lambda.publish('psycopg2')
    await lambda.makeFunction('shop', { runtime: 'nodejs22.x' })
    expect(await failureOf(attach(['shop'], 'psycopg2'))).toMatchObject({ code: 'FUNCTION_RUNTIME_MISMATCH' })
  })

  test('another architecture', async () => {
    await lambda.publish('psycopg2')
    await lambda.makeFunction('shop', { architecture: 'x86_64' })
    const error = await failureOf(attach(['shop'], 'psycopg2'))
    expect(error).toMatchObject({ code: 'FUNCTION_ARCHITECTURE_MISMATCH', kind: 'refused' })
    expect(error.hint).toContain('--arch x86_64')
  })

  test('a sixth layer; not one in the place of a fifth', async () => {
    const layers = []
    for (const name of ['a', 'b', 'c', 'd', 'e']) layers.push(await lambda.publish(name))
    await lambda.publish('psycopg2')
    await lambda.publish('c')
    await lambda.makeFunction('shop', { layers })
    expect(await failureOf(attach(['shop'], 'psycopg2'))).toMatchObject({ code: 'TOO_MANY_LAYERS' })
    expect(await attach(['shop'], 'c')).toMatchObject({ functions: [{ outcome: 'replaced' }] })
  })

  test('a container image', async () => {
    await lambda.publish('psycopg2')
    await lambda.makeFunction('shop', { image: '123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:1' })
    expect(await failureOf(attach(['shop'], 'psycopg2'))).toMatchObject({ code: 'FUNCTION_IS_IMAGE' })
  })

  test('more than Lambda unpacks: function and all layers together, measured without a download', async () => {
    await lambda.publish('big', { zip: zipOf(200_000_000) })
    const old = await lambda.publish('psycopg2', { zip: zipOf(60_000_000) })
    await lambda.makeFunction('shop', { layers: [old], zip: zipOf(2_144_000) })
    const error = await failureOf(attach(['shop'], 'big'))
    expect(error).toMatchObject({ code: 'FUNCTION_TOO_LARGE', details: { size: 262_144_000 } })
    expect(error.context?.split('\n')).toEqual([
      '    2,144,000  the function',
      '   60,000,000  layer psycopg2:1',
      '  200,000,000  layer big:1',
    ])
    expect(await lambda.layersOf('shop')).toEqual([old])
    // A byte less, and it has room.
    await lambda.publish('psycopg2', { zip: zipOf(59_999_999) })
    await attach(['shop'], 'psycopg2')
    expect(await attach(['shop'], 'big')).toMatchObject({
      functions: [{ unzipped: { bytes: 262_143_999, isEstimate: false } }],
    })
  })

  test('the layer of another region', async () => {
    const arn = 'arn:aws:lambda:us-west-2:123456789012:layer:psycopg2:1'
    const error = await failureOf(attach(['shop'], arn))
    expect(error).toMatchObject({ code: 'LAYER_ELSEWHERE', kind: 'usage' })
    expect(await emulator.calls()).toEqual([])
  })

  test.each([
    ['shop:7', 'FUNCTION_INVALID'],
    ['shop:live', 'FUNCTION_INVALID'],
    ['no spaces', 'FUNCTION_INVALID'],
    ['arn:aws:lambda:us-west-2:123456789012:function:shop', 'FUNCTION_INVALID'],
  ])('%s is no function that can be changed here', async (name, code) => {
    expect(await failureOf(attach([name], 'psycopg2'))).toMatchObject({ code, kind: 'usage' })
    expect(await emulator.calls()).toEqual([])
  })

  test('a layer that is not there: the near one is suggested', async () => {
    await lambda.publish('psycopg2')
    expect(await failureOf(attach(['shop'], 'psycopg'))).toMatchObject({
      code: 'LAYER_NOT_FOUND',
      hint: 'Did you mean "psycopg2"?',
    })
    const gone = 'arn:aws:lambda:eu-central-1:123456789012:layer:psycopg2:7'
    expect(await failureOf(attach(['shop'], gone))).toMatchObject({ code: 'LAYER_NOT_FOUND' })
  })

  test('a function that is not there: the near one is suggested', async () => {
    await lambda.publish('psycopg2')
    await lambda.makeFunction('shop')
    expect(await failureOf(attach(['shopp'], 'psycopg2'))).toMatchObject({
      code: 'FUNCTION_NOT_FOUND',
      hint: 'Did you mean "shop"?',
    })
  })
})

test('a size that cannot be measured is said to be an estimate, and is the least that it can be', async () => {
  const old = await lambda.publish('other', {
    zip: makeZip([{ name: 'python/a', content: randomBytes(5000), mode: 0o100_644 }]),
  })
  await lambda.publish('psycopg2', { zip: zipOf(1000) })
  await lambda.makeFunction('shop', { layers: [old] })
  // A layer of others may be used, but not read.
  await emulator.fault({
    action: 'GET /2018-10-31/layers/arn:aws:lambda:eu-central-1:123456789012:layer:other/',
    error: 'AccessDeniedException',
    status: 403,
    times: -1,
  })
  const { functions } = await attach(['shop'], 'psycopg2')
  expect(functions).toMatchObject([{ outcome: 'attached', unzipped: { isEstimate: true } }])
  const [first] = functions
  const parts = first?.outcome === 'failed' ? [] : (first?.unzipped?.parts ?? [])
  expect(parts).toMatchObject([
    { bytes: 24, isEstimate: false },
    { arn: old, bytes: expect.any(Number), isEstimate: true },
    { bytes: 1000, isEstimate: false },
  ])
})

test('a directory that is larger than what is read at first is read too', async () => {
  const many = Array.from({ length: 12_000 }, (_, index) => ({
    name: `python/a_package_with_a_long_name/${'x'.repeat(40)}${index}.py`,
    content: 'x = 1',
    mode: 0o100_644,
  }))
  await lambda.publish('many', { zip: makeZip(many) })
  await lambda.makeFunction('shop')
  expect(await attach(['shop'], 'many')).toMatchObject({
    functions: [{ unzipped: { bytes: 24 + 60_000, isEstimate: false } }],
  })
})

describe('what goes on is waited for', () => {
  beforeEach(async () => {
    await lambda.publish('psycopg2')
    await lambda.makeFunction('shop')
  })

  test('before and after', async () => {
    await see('InProgress', 2)
    await see('InProgress', 3, 3)
    expect(await attach(['shop'], 'psycopg2')).toMatchObject({ functions: [{ outcome: 'attached' }] })
    expect(await changes()).toBe(1)
    const looks = (await emulator.calls()).filter(({ action }) => action === LOOK).length
    expect(looks).toBe(7)
  })

  test('a function that is only being made', async () => {
    await emulator.fault({ action: LOOK, times: 2, rewrite: [['"State": "Active"', '"State": "Pending"']] })
    await attach(['shop'], 'psycopg2')
    expect(await changes()).toBe(1)
  })

  test('work that began between our look and our asking', async () => {
    await emulator.fault({ action: CHANGE, error: 'ResourceConflictException', status: 409, times: 2 })
    expect(await attach(['shop'], 'psycopg2')).toMatchObject({ functions: [{ outcome: 'attached' }] })
    expect(await changes()).toBe(3)
    expect(await lambda.layersOf('shop')).toHaveLength(1)
  })

  test('layers that somebody else attached meanwhile are kept', async () => {
    const other = await lambda.publish('other')
    const client = new LambdaClient(testAwsSession(emulator).clientOptions)
    // The look is answered with what was, and then the function changes: the revision does not fit any more.
    let isChanged = false
    const attached = attachLayer({
      aws: testAwsSession(emulator),
      functions: ['shop'],
      layer: 'psycopg2',
      pace: () => 10,
    })
    await emulator.fault({ action: 'GET /2015-03-31/functions/shop', delay: 0.5 })
    await expect
      .poll(async () => (await emulator.calls()).some(({ action }) => action === LOOK), { interval: 5 })
      .toBe(true)
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'shop', Layers: [other] }))
    isChanged = true
    await attached
    client.destroy()
    expect(isChanged).toBe(true)
    expect(await lambda.layersOf('shop')).toEqual([
      other,
      'arn:aws:lambda:eu-central-1:123456789012:layer:psycopg2:1',
    ])
  })

  test('an answer that is lost counts when the function has the layer', async () => {
    await emulator.fault({ action: CHANGE, dropAfter: true })
    expect(await attach(['shop'], 'psycopg2')).toMatchObject({ functions: [{ outcome: 'attached' }] })
    expect(await lambda.layersOf('shop')).toHaveLength(1)
  })

  test('a change that Lambda gives up is an error', async () => {
    await see('Failed', -1, 1, ', "LastUpdateStatusReason": "The role is gone."')
    expect(await failureOf(attach(['shop'], 'psycopg2'))).toMatchObject({
      code: 'FUNCTION_UPDATE_FAILED',
      message: 'Lambda could not change shop: The role is gone.',
    })
  })

  test('it takes too long', async () => {
    await see('InProgress', -1, 1)
    expect(await failureOf(attach(['shop'], 'psycopg2', { timeout: 200 }))).toMatchObject({
      code: 'AWS_TIMEOUT',
      kind: 'unreachable',
    })
  })

  test('Ctrl-C: Lambda goes on', async () => {
    await see('InProgress', -1, 1)
    const abort = new AbortController()
    const failure = failureOf(
      attach(['shop'], 'psycopg2', { signal: abort.signal, pace: () => 30_000 / 1000 }),
    )
    await expect.poll(changes).toBe(1)
    abort.abort()
    expect(await failure).toMatchObject({
      kind: 'interrupted',
      message: 'Interrupted; Lambda goes on by itself.',
    })
  })

  test('a missing permission', async () => {
    await emulator.fault({ action: CHANGE, error: 'AccessDeniedException', status: 403 })
    const error = await failureOf(attach(['shop'], 'psycopg2'))
    expect(error).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
    expect(error.context).toContain('arn:aws:lambda:*:*:function:shop')
  })
})
