import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateEventSourceMappingCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../support/aws/emulator.ts'
import { TestLambda } from '../support/aws/lambda.ts'
import { TestQueue } from '../support/aws/queue.ts'
import { testAwsSession } from '../support/aws/session.ts'
import { type CliResult, cruddur } from '../support/cli.ts'
import { createDatabase, runSql, type TestDatabase } from '../support/database.ts'
import { busyboxImage } from '../support/layer/busybox.ts'
import { containerUrl, startContainerPostgres } from '../support/layer/container-postgres.ts'
import { ExampleLayers, exampleFolder } from '../support/layer/example-layer.ts'
import { emulatorImage, IMAGES_TIMEOUT, lambdaImages, requireDocker } from '../support/layer/images.ts'
import { testFolder } from '../support/layer/layer-files.ts'
import type { PostgresServer } from '../support/postgres-server.ts'

// The whole way, on an emulator that runs functions in containers and hands them what is sent to their queue: build, verify, publish,
// attach, a row, a message. Its functions run on this machine's processor, so that x86_64 is right and arm64 wrong.

const FOLDER = exampleFolder('task-processor')
const FUNCTION = 'task-processor'
const TASK = '3f6d1f0a-52b7-4f0d-8a53-0c5de3f8a001'
const FAMOUS = "No module named 'psycopg2._psycopg'"
/** A container for each of the function and its layer, and one to run. */
const TIMEOUT = 180_000

let emulator: AwsEmulator
let lambda: TestLambda
let server: PostgresServer
let layers: ExampleLayers
let database: TestDatabase
let client: LambdaClient
/** The emulator keeps layers in volumes that are called after them: other runs must not find them. */
let name: string

beforeAll(async () => {
  layers = new ExampleLayers()
  await lambdaImages('3.13')
  await busyboxImage()
  server = await startContainerPostgres()
  vi.stubEnv('MOTO_DOCKER_LAMBDA_IMAGE', emulatorImage('3.13'))
  emulator = await startAwsEmulator()
  lambda = new TestLambda(emulator)
  const { clientOptions } = testAwsSession(emulator)
  client = new LambdaClient({ ...clientOptions, requestHandler: { requestTimeout: TIMEOUT }, maxAttempts: 1 })
}, IMAGES_TIMEOUT + EMULATOR_START_TIMEOUT)
afterAll(async () => {
  vi.unstubAllEnvs()
  client?.destroy()
  layers.remove()
  await emulator?.stop()
  await server?.stop()
})
beforeEach(async ({ skip }) => {
  requireDocker(skip)
  if (process.arch !== 'x64') skip('what is right and wrong here is right and wrong on x86_64')
  await emulator.reset()
  name = `tasks-${randomBytes(4).toString('hex')}`
  database = await createDatabase(server.url)
  onTestFinished(() => database.drop())
  await runSql(database.url, readFileSync(join(FOLDER, 'schema.sql'), 'utf8'))
})

const command = (...words: string[]): Promise<CliResult> => cruddur(words, { env: emulator.environment })

/** Runs a command that must succeed. */
async function done(...words: string[]): Promise<void> {
  const { code, stderr } = await command(...words)
  expect(code, `${words.join(' ')}:\n${stderr}`).toBe(0)
}

/** The function, packed and with its URL, and the queue that it works off. */
async function deploy(): Promise<TestQueue> {
  const zip = join(testFolder(), 'function.zip')
  await done('layer', 'package', FOLDER, '--handler', 'app.handler', '--out', zip)
  await lambda.makeFunction(FUNCTION, { architecture: 'x86_64', zip: readFileSync(zip) })
  await client.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: FUNCTION,
      Environment: { Variables: { CONNECTION_URL: containerUrl(database.url) } },
    }),
  )
  const queue = await TestQueue.make(emulator, name)
  await client.send(
    new CreateEventSourceMappingCommand({
      FunctionName: FUNCTION,
      EventSourceArn: queue.arn,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    }),
  )
  return queue
}

/** A row that is pending, and the message about it. */
async function order(queue: TestQueue): Promise<void> {
  await runSql(database.url, `INSERT INTO public.tasks (uuid, title) VALUES ('${TASK}', 'Write to Ada')`)
  await queue.send(JSON.stringify({ task_uuid: TASK }))
}

const statusOfTask = async () =>
  (await runSql(database.url, 'SELECT status FROM public.tasks'))[0]?.['status']

test(
  'a pending task and a message: the function with the published layer takes it, and the task is completed',
  { timeout: TIMEOUT },
  async ({ skip }) => {
    const layer = await layers.build('3.13', 'x86_64', skip)
    await done('layer', 'verify', layer)
    await done('layer', 'publish', layer, '--name', name)
    const queue = await deploy()
    await done('layer', 'attach', FUNCTION, '--layer', name)
    expect(await lambda.layersOf(FUNCTION)).toEqual([expect.stringMatching(new RegExp(`:layer:${name}:1$`))])
    await order(queue)
    expect(await statusOfTask()).toBe('completed')
    expect(await queue.size()).toBe(0)
  },
)

test(
  'with a layer for the wrong processor it fails with the famous error, of which verify has warned',
  { timeout: TIMEOUT },
  async ({ skip }) => {
    const layer = await layers.build('3.13', 'arm64', skip)
    const asX86 = ['--arch', 'x86_64']
    const queue = await deploy()

    // As what it is, it cannot be attached.
    await done('layer', 'publish', layer, '--name', `${name}-arm64`)
    const attached = await command('layer', 'attach', FUNCTION, '--layer', `${name}-arm64`)
    expect(attached.code).toBe(2)
    expect(attached.stderr).toContain('x86_64')

    // Nor be verified or published as what it is not.
    const verified = await command('layer', 'verify', layer, ...asX86, '--json')
    expect(verified.code).toBe(1)
    const { findings } = JSON.parse(verified.stdout) as { findings: object[] }
    expect(findings).toContainEqual(
      expect.objectContaining({
        id: 'elf-machine',
        severity: 'error',
        file: 'python/psycopg2/_psycopg.cpython-313-aarch64-linux-gnu.so',
        production: expect.stringContaining(FAMOUS) as string,
      }),
    )
    const published = await command('layer', 'publish', layer, ...asX86, '--name', name, '--json')
    expect(published.code).toBe(1)
    expect(published.stdout).toContain('LAYER_NOT_VERIFIED')
    expect(await lambda.versions(name)).toEqual([])

    // Who does it nevertheless:
    await done('layer', 'publish', layer, ...asX86, '--name', name, '--force')
    await done('layer', 'attach', FUNCTION, '--layer', name)
    await order(queue)
    expect(await statusOfTask()).toBe('pending')
    expect(await queue.size()).toBe(1)
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName: FUNCTION, Payload: JSON.stringify({ Records: [] }) }),
    )
    expect(FunctionError).toBeDefined()
    expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toMatchObject({
      errorType: 'Runtime.ImportModuleError',
      errorMessage: `Unable to import module 'app': ${FAMOUS}`,
    })
  },
)
