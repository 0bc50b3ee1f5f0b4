import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TestLambda } from '../support/aws/lambda.ts'
import { withEmulator } from '../support/aws/with-emulator.ts'
import { cruddur } from '../support/cli.ts'
import { testFolder, writeLayer } from '../support/layer/layer-files.ts'
import { makeZip } from '../support/layer/make-zip.ts'

// `cruddur layer publish`, `attach`, `list`, `package` and `snippet` as they are typed.

const NAME = 'shop-py313-arm64'
const ARN = `arn:aws:lambda:eu-central-1:123456789012:layer:${NAME}`

const emulator = withEmulator()
const lambda = new TestLambda(emulator)

/** A project whose layer was built. */
function project(): string {
  const directory = testFolder()
  writeFileSync(join(directory, 'package.json'), '{}')
  mkdirSync(join(directory, '.cruddur', 'layers'), { recursive: true })
  writeLayer(join(directory, '.cruddur', 'layers'))
  return directory
}

const layer = (words: readonly string[], directory: string) =>
  cruddur(['layer', ...words], { directory, env: emulator.environment })

test('the layer built last is published and attached, and listed with who uses it', async () => {
  const directory = project()
  await lambda.makeFunction('orders')
  await lambda.makeFunction('prices')
  expect((await layer(['publish', '--dry-run'], directory)).stdout).toMatch(
    new RegExp(`^Would publish ${NAME} \\(\\d+ B, with the request\\)\\.\\n$`),
  )
  expect((await layer(['attach', 'orders'], directory)).code).toBe(1)
  const published = await layer(['publish'], directory)
  expect(published).toMatchObject({ code: 0, stdout: expect.stringContaining(`Published ${ARN}:1`) })
  expect((await layer(['publish'], directory)).stdout).toBe(`${ARN}:1 is the same already.\n`)
  expect(await lambda.versions(NAME)).toHaveLength(1)
  const attached = await layer(['attach', 'orders', 'prices'], directory)
  expect(attached.code).toBe(0)
  expect(attached.stdout).toMatch(
    new RegExp(
      `^Attached ${NAME}:1 to orders; \\d+ B of 262\\.1 MB unzipped\\.\nAttached ${NAME}:1 to prices; `,
    ),
  )
  expect(await lambda.layersOf('orders')).toEqual([`${ARN}:1`])
  expect((await layer(['attach', 'orders', '--layer', NAME], directory)).stdout).toBe(
    `orders has ${NAME}:1 already.\n`,
  )
  const { stdout } = await layer(['list', '--functions'], directory)
  expect(stdout).toMatch(/^LAYER +VERSION +CREATED +ZIP +ARCHITECTURE +RUNTIMES +USED BY\n/)
  expect(stdout).toContain('orders, prices')
})

test('verify goes before it: a layer that would fail is not published', async () => {
  const directory = project()
  const zip = makeZip([{ name: 'shop.py', content: 'price = 3\n', mode: 0o100_644 }])
  writeLayer(join(directory, '.cruddur', 'layers'), { zip })
  const failed = await layer(['publish', '--json'], directory)
  expect(failed.code).toBe(1)
  expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: 'LAYER_NOT_VERIFIED' } })
  expect(await lambda.versions(NAME)).toEqual([])
  const forced = await layer(['publish', '--force'], directory)
  expect(forced).toMatchObject({ code: 0, stderr: expect.stringContaining('--force') })
  expect(await lambda.versions(NAME)).toHaveLength(1)
})

test('a large zip needs a bucket, and nobody is asked without a terminal', async () => {
  const directory = project()
  const zip = makeZip([
    { name: 'python/data.bin', content: Buffer.alloc(52_500_000), stored: true, mode: 0o100_644 },
  ])
  writeLayer(join(directory, '.cruddur', 'layers'), { zip })
  const refused = await layer(['publish', '--json'], directory)
  expect(refused.code).toBe(2)
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'BUCKET_MISSING' } })
  const published = await layer(['publish', '--create-bucket', '--json'], directory)
  expect(JSON.parse(published.stdout)).toMatchObject({
    created: true,
    through: 's3',
    bucket: 'cruddur-layers-123456789012-eu-central-1',
  })
  expect(published.stderr).toBe('')
})

test('verify fetches a published layer, and judges it for the functions that use it', async () => {
  const directory = project()
  await layer(['publish'], directory)
  expect(await layer(['verify', `${ARN}:1`], directory)).toMatchObject({ code: 0 })
  // Nothing is known of what it is for but that a function uses it.
  const arn = await lambda.publish('old', {
    zip: makeZip([
      { name: 'python/lib/python3.13/site-packages/shop.py', content: 'x = 1\n', mode: 0o100_644 },
    ]),
    CompatibleRuntimes: [],
    CompatibleArchitectures: [],
  })
  expect((await layer(['verify', arn], directory)).code).toBe(0)
  await lambda.makeFunction('orders', { layers: [arn], runtime: 'python3.12' })
  const failed = await layer(['verify', arn, '--json'], directory)
  expect(failed.code).toBe(1)
  expect(JSON.parse(failed.stdout)).toMatchObject({
    ok: false,
    path: arn,
    runtimes: ['python3.12'],
    runtimesFrom: 'functions',
  })
  expect((await layer(['verify', arn], directory)).stdout).toContain(
    'judged for python3.12 on arm64, as the functions that use it are\n',
  )
  // What is asked for goes first.
  const asked = await layer(['verify', arn, '--python', '3.13'], directory)
  expect(asked.code).toBe(0)
  expect(asked.stdout).toContain('judged for python3.13; on arm64, as the functions that use it are\n')
})

test('the region of an ARN counts, unless another one is asked for', async () => {
  const elsewhere = ARN.replace('eu-central-1', 'us-west-2')
  const missing = await layer(['verify', `${elsewhere}:1`, '--json'], project())
  expect(JSON.parse(missing.stdout)).toMatchObject({ error: { code: 'LAYER_NOT_FOUND' } })
  const calls = await emulator.calls()
  expect(calls.every(({ region }) => region === 'us-west-2')).toBe(true)
  const other = await layer(['verify', `${elsewhere}:1`, '--region', 'eu-central-1'], project())
  expect(other.code).toBe(2)
})

describe('attach', () => {
  test('one of several that fails makes 1; each is told of', async () => {
    const directory = project()
    await lambda.publish(NAME)
    await lambda.makeFunction('orders')
    const result = await layer(['attach', 'nobody', 'orders', '--json'], directory)
    expect(result.code).toBe(1)
    expect(JSON.parse(result.stdout)).toMatchObject({
      layer: { arn: `${ARN}:1` },
      functions: [
        { function: 'nobody', outcome: 'failed', error: { code: 'FUNCTION_NOT_FOUND' } },
        { function: 'orders', outcome: 'attached', layers: [`${ARN}:1`] },
      ],
    })
    expect((await layer(['attach', 'nobody', 'orders'], directory)).stdout).toContain(
      'There is no function "nobody"',
    )
  })

  test.each([
    [[], 2, 'USAGE'],
    [['orders:1'], 2, 'FUNCTION_INVALID'],
    [['nobody', '--layer', NAME], 1, 'FUNCTION_NOT_FOUND'],
    [['orders', '--layer', 'nothing'], 1, 'LAYER_NOT_FOUND'],
  ])('%j: exit code %i, %s', async (words, code, name) => {
    await lambda.publish(NAME)
    const failed = await layer(['attach', ...words, '--json'], project())
    expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: name } })
    expect(failed.code).toBe(code)
  })
})

describe('list', () => {
  test('there may be none; --versions needs a name', async () => {
    const directory = project()
    expect((await layer(['list'], directory)).stdout).toBe('There are no layers in eu-central-1.\n')
    expect((await layer(['list', '--versions'], directory)).code).toBe(2)
  })

  test('a runtime that is deprecated is marked', async () => {
    await lambda.publish(NAME, { CompatibleRuntimes: ['python3.9'] })
    const { stdout } = await layer(['list', NAME, '--versions'], project())
    expect(stdout).toContain('python3.9 (deprecated since 2025-12-15)')
  })
})

test('package packs a function beside its layer', async () => {
  const directory = project()
  mkdirSync(join(directory, 'orders'))
  writeFileSync(join(directory, 'orders', 'app.py'), 'def handler(event, context): pass\n')
  const zip = join(directory, '.cruddur', 'layers', `${NAME}.zip`)
  const packed = await layer(['package', 'orders', '--handler', 'app.handler', '--layer', zip], directory)
  expect(packed.code).toBe(0)
  expect(packed.stdout).toMatch(
    /^Packed 1 file, 34 B, into orders\.zip \(\d+ B\)\.\nWith 1 layer 44 B of 262\.1 MB unzipped\.\n$/,
  )
  const again = await layer(['package', 'orders', '--json'], directory)
  expect(JSON.parse(again.stdout)).toMatchObject({ path: 'orders.zip', entries: 1, needsS3: false })
  expect((await layer(['package', 'orders', '--handler', 'app.go'], directory)).code).toBe(2)
  expect(await emulator.calls()).toEqual([])
})

test('snippet prints nothing but the definition', async () => {
  const { code, stdout, stderr } = await layer(['snippet', 'terraform'], project())
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(`filename                 = "\${path.module}/.cruddur/layers/${NAME}.zip"`)
  expect(await emulator.calls()).toEqual([])
})
