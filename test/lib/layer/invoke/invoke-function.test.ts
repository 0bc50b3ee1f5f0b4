import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { findArchitecture } from '../../../../src/lib/layer/architectures.ts'
import { invokeFunction, type InvokeOptions } from '../../../../src/lib/layer/invoke/invoke-function.ts'
import { findRuntime } from '../../../../src/lib/layer/runtimes.ts'
import { makeProject, type TestProjectFolder } from '../../../support/cli.ts'
import { containersOf, DOCKER_ENVIRONMENT } from '../../../support/layer/containers.ts'
import { writeFunction } from '../../../support/layer/function-folder.ts'
import {
  IMAGES_TIMEOUT,
  lambdaImages,
  missingDocker,
  requireDocker,
  runtimeImage,
} from '../../../support/layer/images.ts'

let project: TestProjectFolder
let files: ReturnType<typeof writeFunction>

beforeAll(async () => {
  if (missingDocker() !== undefined) return
  await lambdaImages('3.11', '3.13')
  project = makeProject()
  files = writeFunction(project)
}, IMAGES_TIMEOUT)
beforeEach(({ skip }) => requireDocker(skip))
afterAll(() => project?.remove())

const invoke = (event: object, options: Partial<InvokeOptions> = {}) =>
  invokeFunction({
    folder: files.folder,
    handler: 'app.handler',
    event: JSON.stringify(event),
    runtime: findRuntime('3.13'),
    architecture: findArchitecture('x86_64'),
    pull: 'never',
    environment: DOCKER_ENVIRONMENT,
    network: 'none',
    timeout: 20_000,
    ...options,
  })

async function answerOf(event: object, options?: Partial<InvokeOptions>): Promise<unknown> {
  return JSON.parse((await invoke(event, options)).answer)
}

test('the answer is what the function returns, whatever it writes', async () => {
  const event = { do: 'echo', text: 'ünï ☃ "quoted"\n', number: 1.5, none: null }
  const result = await invoke(event)
  expect(JSON.parse(result.answer)).toEqual(event)
  expect(result).toMatchObject({ image: { reference: runtimeImage('3.13', 'x86_64') } })
  expect(result.ms).toBeGreaterThan(0)
  let log = ''
  const noise = await invoke({ do: 'noise' }, { onLog: (text) => (log += text) })
  expect(noise.answer).toBe('"quiet"')
  for (const words of ['by print\n', 'without an end of line', 'by a child\n', 'by C\n'])
    expect(log).toContain(words)
  expect(log).toMatch(new RegExp(`^\\[WARNING\\]\t[\\dT:.-]+Z\t${noise.requestId}\tby a logger$`, 'm'))
  // As in Lambda, where the root logger has its handler before the function's code runs.
  expect(log).not.toContain('not shown')
})

const LOOK = {
  do: 'look',
  names: ['STAGE', 'URL', '_HANDLER', 'LAMBDA_TASK_ROOT', 'AWS_EXECUTION_ENV', 'LD_LIBRARY_PATH'],
}

test('in the other architecture too: search path, variables, user, layer', async () => {
  const seen = await answerOf(LOOK, {
    architecture: findArchitecture('arm64'),
    layers: [files.layer],
    variables: { STAGE: 'test', URL: 'postgres://me:s3cret@host/db' },
  })
  expect(seen).toMatchObject({
    mine: 'of the layer',
    path: ['/var/task', '/opt/python/lib/python3.13/site-packages', '/opt/python'],
    folder: '/var/task',
    variables: {
      STAGE: 'test',
      URL: 'postgres://me:s3cret@host/db',
      _HANDLER: 'app.handler',
      LAMBDA_TASK_ROOT: '/var/task',
      AWS_EXECUTION_ENV: 'AWS_Lambda_python3.13',
      LD_LIBRARY_PATH: expect.stringContaining('/opt/lib'),
    },
    cruddur: [],
    machine: 'aarch64',
  })
  expect(seen).not.toMatchObject({ user: 0 })
}, 240_000)

test('layers that are zips, and several of them: the later one wins', async () => {
  expect(await answerOf(LOOK, { layers: [files.zip] })).toMatchObject({ mine: 'of the layer' })
  project.write('second/python/mine.py', 'VALUE = "of the second"\n')
  project.write('second/python/lib/python3.13/site-packages/other.py', '')
  const both = { layers: [files.zip, `${project.path}/second`] }
  expect(await answerOf(LOOK, both)).toMatchObject({
    mine: 'of the second',
    path: ['/var/task', '/opt/python/lib/python3.13/site-packages', '/opt/python'],
  })
  // Lambda's runtime does the same.
  await expect(answerOf(LOOK, { ...both, variables: { PYTHONPATH: '/var/runtime' } })).rejects.toMatchObject({
    code: 'FUNCTION_FAILED',
    details: { errorMessage: "No module named 'mine'" },
  })
})

test('the context knows the function and the time that is left', async () => {
  const { answer, requestId } = await invoke(
    { do: 'context' },
    { memory: 256, variables: { AWS_REGION: 'eu-central-1' } },
  )
  const context = JSON.parse(answer) as { remaining: number }
  expect(context).toMatchObject({
    id: requestId,
    name: 'function',
    memory: '256',
    arn: 'arn:aws:lambda:eu-central-1:123456789012:function:function',
    version: '$LATEST',
  })
  expect(context.remaining).toBeLessThanOrEqual(19_800)
  expect(context.remaining).toBeGreaterThan(10_000)
})

test('only /tmp can be written to', async () => {
  expect(await answerOf({ do: 'write' }, { layers: [files.layer] })).toEqual({
    '/var/task': false,
    '/opt': false,
    '/tmp': true,
  })
})

test("an error of the function is told as Lambda tells it, with the function's own frames", async () => {
  const error = await invoke({ do: 'fail', thing: 'x' }).catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    code: 'FUNCTION_FAILED',
    kind: 'failed',
    message: 'app.handler failed: ValueError: no such thing: x',
    details: {
      errorType: 'ValueError',
      errorMessage: 'no such thing: x',
      stackTrace: [expect.stringContaining('in handler'), expect.stringContaining('/var/task/app.py", line')],
    },
  })
})

test.each([
  ['app.nothing', 'Runtime.HandlerNotFound', "Handler 'nothing' missing on module 'app'"],
  [
    'nowhere.handler',
    'Runtime.ImportModuleError',
    "Unable to import module 'nowhere': No module named 'nowhere'",
  ],
  [
    'needy.handler',
    'Runtime.ImportModuleError',
    "Unable to import module 'needy': No module named 'psycopg2'",
  ],
  ['broken.handler', 'Runtime.UserCodeSyntaxError', "Syntax error in module 'broken'"],
  ['stops.handler', 'RuntimeError', 'at import'],
  ['handler', 'Runtime.MalformedHandlerName', "Bad handler 'handler'"],
])('the handler %s cannot be called: %s', async (handler, errorType, errorMessage) => {
  await expect(invoke({}, { handler })).rejects.toMatchObject({
    code: 'FUNCTION_FAILED',
    details: { errorType, errorMessage: expect.stringContaining(errorMessage) },
  })
})

test('a handler in a folder, and another Python', async () => {
  expect(await answerOf({}, { handler: 'nested/deep.run', runtime: findRuntime('3.11') })).toBe('deep')
})

test.each([
  ['unmarshal', 'FUNCTION_FAILED', 'Runtime.MarshalError'],
  ['exit', 'FUNCTION_FAILED', 'Runtime.ExitError'],
  ['crash', 'FUNCTION_DIED', 'Runtime.ExitError'],
  ['eat', 'FUNCTION_OUT_OF_MEMORY', 'Runtime.OutOfMemory'],
])('a function that ends oddly, by %s', async (what, code, errorType) => {
  await expect(invoke({ do: what }, { memory: 128 })).rejects.toMatchObject({ code, details: { errorType } })
})

test('its time is over as in Lambda; what it wrote before is there, and it is gone', async () => {
  let log = ''
  const started = performance.now()
  await expect(
    invoke({ do: 'sleep', seconds: 600 }, { timeout: 1000, onLog: (text) => (log += text) }),
  ).rejects.toMatchObject({
    code: 'FUNCTION_TIMED_OUT',
    message: 'app.handler failed: Task timed out after 1.00 seconds',
    details: { errorType: 'Sandbox.Timedout' },
  })
  expect(performance.now() - started).toBeGreaterThan(1000)
  expect(log).toBe('going to sleep\n')
  expect(containersOf()).toEqual([])
})

test('when interrupted nothing is left', async () => {
  const signal = AbortSignal.timeout(1500)
  await expect(invoke({ do: 'sleep', seconds: 600 }, { timeout: 600_000, signal })).rejects.toMatchObject({
    code: 'INTERRUPTED',
  })
  expect(containersOf()).toEqual([])
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('cruddur-invoke-'))).toEqual([])
})

test('what makes no sense is refused before anything is started', async () => {
  const wrong: [Partial<InvokeOptions>, string][] = [
    [{ event: '{' }, 'EVENT_INVALID'],
    [{ folder: '/no/such/folder' }, 'FILE_NOT_READABLE'],
    [{ folder: `${files.folder}/app.py` }, 'FILE_NOT_READABLE'],
    [{ layers: ['/no/such.zip'] }, 'FILE_NOT_READABLE'],
    [{ variables: { _HANDLER: 'x' } }, 'INVALID_VARIABLE'],
    [{ variables: { AWS_LAMBDA_FUNCTION_NAME: 'x' } }, 'INVALID_VARIABLE'],
  ]
  for (const [options, code] of wrong)
    await expect(invoke({}, { ...options, environment: { PATH: '' } })).rejects.toMatchObject({
      code,
      kind: 'usage',
    })
  await expect(invoke({}, { layers: [`${files.folder}/app.py`] })).rejects.toMatchObject({
    code: 'ZIP_INVALID',
  })
})
