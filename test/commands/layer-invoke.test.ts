import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { cruddur, type CliOptions, makeProject, type TestProjectFolder } from '../support/cli.ts'
import { watchDescendants } from '../support/descendants.ts'
import { containersOf, until } from '../support/layer/containers.ts'
import { writeFunction } from '../support/layer/function-folder.ts'
import { IMAGES_TIMEOUT, lambdaImages, missingDocker, requireDocker } from '../support/layer/images.ts'

// `cruddur layer invoke` as it is typed.

let project: TestProjectFolder

beforeAll(async () => {
  if (missingDocker() === undefined) await lambdaImages('3.13')
  project = makeProject()
  writeFunction(project)
}, IMAGES_TIMEOUT)
beforeEach(({ skip }) => requireDocker(skip))
afterAll(() => project.remove())

const invoke = (words: readonly string[], event: object, options: CliOptions = {}) => {
  project.write('event.json', JSON.stringify(event))
  const common = ['--event', 'event.json', '--pull', 'never', '--arch', 'x86_64']
  return cruddur(['layer', 'invoke', 'function', ...common, ...words], {
    directory: project.path,
    ...options,
  })
}

test('the answer alone is on stdout, what the function writes on stderr', async () => {
  const { code, stdout, stderr } = await invoke([], { do: 'noise' })
  expect({ code, stdout }).toEqual({ code: 0, stdout: '"quiet"\n' })
  expect(stderr).toContain('by print')
})

test('with a layer, and with variables from the command line, the environment and .env', async () => {
  project.write('.env', 'FROM_FILE=filed\n')
  const event = { do: 'look', names: ['GIVEN', 'FROM_FILE', 'URL', 'OTHER'] }
  const words = ['--layer', 'layer.zip', '--env', 'GIVEN=a=b', '--env', 'FROM_FILE', '--env', 'URL', '--json']
  const env = { URL: 'postgres://me:s3cret-word@host/db', OTHER: 'not for the function' }
  let seen: (() => string[]) | undefined
  const { code, stdout, stderr } = await invoke(words, event, {
    env,
    onStart: (pid) => (seen = watchDescendants(pid)),
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({
    answer: {
      mine: 'of the layer',
      variables: { GIVEN: 'a=b', FROM_FILE: 'filed', URL: 'postgres://me:********@host/db', OTHER: null },
    },
    requestId: expect.any(String),
    ms: expect.any(Number),
    image: { reference: 'public.ecr.aws/lambda/python:3.13-x86_64' },
  })
  const commandLines = seen?.().join('\n')
  expect(commandLines).toContain('--env=URL')
  expect(commandLines).not.toContain('s3cret-word')
})

test("a function's error ends with 1, and so does its time", async () => {
  const failed = await invoke([], { do: 'fail', thing: 'it' })
  expect({ code: failed.code, stdout: failed.stdout }).toEqual({ code: 1, stdout: '' })
  expect(failed.stderr).toContain('Error: app.handler failed: ValueError: no such thing: it')
  expect(failed.stderr).toContain('File "/var/task/app.py"')
  const late = await invoke(['--timeout', '1s', '--json'], { do: 'sleep', seconds: 60 })
  expect(late.code).toBe(1)
  expect(JSON.parse(late.stdout)).toMatchObject({ error: { code: 'FUNCTION_TIMED_OUT' } })
})

test('the event may be piped in', async () => {
  const words = ['layer', 'invoke', 'function', '--event', '-', '--arch', 'x86_64', '--pull', 'never']
  const { stdout } = await cruddur(words, {
    directory: project.path,
    input: '{"do": "echo", "from": "stdin"}',
  })
  expect(JSON.parse(stdout)).toEqual({ do: 'echo', from: 'stdin' })
})

test('Ctrl-C ends the container with the command', async () => {
  let pid = 0
  const { code, stderr } = await invoke(
    ['--timeout', '10m'],
    { do: 'sleep', seconds: 600 },
    {
      onStart: (started, kill) => {
        pid = started
        void until(() => containersOf(pid).length === 1).then(() => kill('SIGINT'))
      },
    },
  )
  expect(code).toBe(130)
  expect(stderr).toContain('Interrupted.')
  expect(containersOf(pid)).toEqual([])
})

const code = async (words: readonly string[], env: Record<string, string> = {}) =>
  (await invoke(words, { do: 'echo' }, { env })).code

test('mistakes and missing engines have their exit codes', async () => {
  expect(await code(['--env', 'NOT_SET_ANYWHERE'])).toBe(2)
  expect(await code(['--env', '1=2'])).toBe(2)
  expect(await code(['--python', '2.7'])).toBe(2)
  expect(await code(['--event', 'nowhere.json'])).toBe(2)
  expect(await code([], { DOCKER_HOST: 'tcp://127.0.0.1:1' })).toBe(3)
  expect(await code([], { PATH: '/nowhere' })).toBe(3)
})
