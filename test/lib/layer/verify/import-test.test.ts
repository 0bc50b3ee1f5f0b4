import { readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Finding } from '../../../../src/lib/layer/verify/findings.ts'
import { testImports, type ImportTestOptions } from '../../../../src/lib/layer/verify/import-test.ts'
import {
  verifyLayer,
  type VerifyLayerOptions,
  type VerifyLayerResult,
} from '../../../../src/lib/layer/verify/verify-layer.ts'
import { containersOf, docker, DOCKER_ENVIRONMENT, until } from '../../../support/layer/containers.ts'
import {
  IMAGES_TIMEOUT,
  lambdaImages,
  missingDocker,
  requireDocker,
  runtimeImage,
} from '../../../support/layer/images.ts'
import { layerFolder, type LayerFiles, type LayerFolderForTests } from '../../../support/layer/make-layer.ts'
import { requireWheels } from '../../../support/layer/wheels.ts'
import { failureOf } from '../../../support/load.ts'

// The imports of layers, tried in a real engine. The images stand in for those of Lambda: they prove nothing about glibc.

let place: LayerFolderForTests

beforeAll(async () => {
  if (missingDocker() === undefined) await lambdaImages('3.11', '3.13')
  place = layerFolder()
}, IMAGES_TIMEOUT)
beforeEach(({ skip }) => requireDocker(skip))
afterAll(() => place?.remove())

/** Verifies a layer for Python 3.13 on x86_64, with its imports. */
const verify = (
  path: string,
  options: Partial<ImportTestOptions> = {},
  verb: Partial<VerifyLayerOptions> = {},
): Promise<VerifyLayerResult> =>
  verifyLayer({
    path,
    pythons: ['3.13'],
    arch: 'x86_64',
    importTest: (layer, { signal, onProgress }) =>
      testImports(layer, { environment: DOCKER_ENVIRONMENT, pull: 'never', signal, onProgress, ...options }),
    ...verb,
  })

const failed = ({ findings }: VerifyLayerResult): Finding[] =>
  findings.filter(({ id }) => id === 'import-failed')

/** What became of each module of the first run. */
const outcomes = ({ imports }: VerifyLayerResult): Record<string, string> =>
  Object.fromEntries((imports?.[0]?.modules ?? []).map(({ module, outcome }) => [module, outcome]))

/** A layer of small modules, as a zip. */
const modules = (files: Readonly<Record<string, string>>): string => place.zip(inPython(files))
const inPython = (files: Readonly<Record<string, string>>): LayerFiles =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`python/${name}`, text]))

test('real packages load, with each of their compiled modules', async ({ skip }) => {
  const wheels = await requireWheels(
    ['psycopg2-binary-2.9.13-cp313-x86_64', 'pillow-13.0.0-cp313-x86_64'],
    skip,
  )
  const steps: string[] = []
  const result = await verify(
    await place.wheels(wheels),
    {},
    {
      onProgress: (event) => void (event.type === 'end' && steps.push(event.title)),
    },
  )
  expect(failed(result).filter(({ severity }) => severity === 'error')).toEqual([])
  // Lambda has no tkinter either; libstdc++ is what the stand-in lacks.
  expect(failed(result)).toMatchObject([
    {
      severity: 'warning',
      reason: expect.stringMatching(/libstdc\+\+\.so\.6: cannot .* \(the managed runtime has it/),
    },
    { severity: 'info', reason: expect.stringContaining("No module named 'tkinter' (not in the layer;") },
  ])
  expect(outcomes(result)).toMatchObject({
    psycopg2: 'imported',
    'psycopg2._psycopg': 'imported',
    PIL: 'imported',
    'PIL._imaging': 'imported',
    'PIL._imagingft': 'imported',
  })
  expect(Object.entries(outcomes(result)).filter(([, outcome]) => outcome !== 'imported')).toEqual([
    ['PIL._avif', 'failed'],
    ['PIL._imagingtk', 'failed'],
  ])
  expect(result.imports).toMatchObject([
    { runtime: 'python3.13', image: { reference: runtimeImage('3.13', 'x86_64'), digest: undefined } },
  ])
  expect(result.imports?.[0]?.note).toMatch(
    /made here and has glibc 2\.\d+; python3\.13 has 2\.34\. It proves imports and wiring; that glibc fits is proved by the symbol versions/,
  )
  expect(steps.at(-1)).toMatch(/^Importing \d+ modules in public\.ecr\.aws/)
})

test('in the other architecture, by emulation', async ({ skip }) => {
  const wheels = await requireWheels(['psycopg2-binary-2.9.13-cp313-arm64'], skip)
  const result = await verify(await place.wheels(wheels), {}, { arch: 'arm64' })
  expect(outcomes(result)).toEqual({ psycopg2: 'imported', 'psycopg2._psycopg': 'imported' })
  expect(failed(result)).toEqual([])
})

describe('the famous errors in the very words', () => {
  const FAMOUS = "ModuleNotFoundError: No module named 'psycopg2._psycopg'"

  test('the wrong Python, and the wrong processor', async ({ skip }) => {
    const [other = '', arm = ''] = await requireWheels(
      ['psycopg2-binary-2.9.13-cp311-x86_64', 'psycopg2-binary-2.9.13-cp313-arm64'],
      skip,
    )
    for (const wheel of [other, arm]) {
      const result = await verify(await place.wheels([wheel]))
      expect(failed(result)).toMatchObject([
        {
          severity: 'error',
          file: 'python/psycopg2/__init__.py',
          reason: `import psycopg2 (psycopg2-binary 2.9.13) in python3.13: ${FAMOUS}`,
          remedy: expect.stringContaining(
            'cruddur layer build psycopg2-binary==2.9.13 --python 3.13 --arch x86_64',
          ),
          production:
            "Runtime.ImportModuleError: Unable to import module 'app': No module named 'psycopg2._psycopg'",
          details: { runtime: 'python3.13', modules: ['psycopg2'], errorType: 'ModuleNotFoundError' },
        },
      ])
      expect(outcomes(result)).toEqual({ psycopg2: 'failed', 'psycopg2._psycopg': 'skipped' })
    }
  })

  test('a library that is missing; a module that the package does not import by itself', async ({ skip }) => {
    const wheels = await requireWheels(['pillow-13.0.0-cp313-x86_64'], skip)
    const path = await place.wheels(wheels, {
      change: (files) => files.filter(({ name }) => !/libjpeg|_imagingmath/.test(name)),
    })
    const result = await verify(path)
    expect(
      failed(result)
        .filter(({ severity }) => severity === 'error')
        .map(({ file, reason }) => `${file}: ${reason.replace(/.*python3.13: /, '')}`),
    ).toEqual([
      expect.stringMatching(
        /_imaging\.cpython.*: ImportError: libjpeg-\w+\.so\.\S+: cannot open shared object file/,
      ),
      expect.stringMatching(
        /_imagingmath\.cpython.*: ModuleNotFoundError: No module named 'PIL\._imagingmath'/,
      ),
    ])
    expect(outcomes(result)).toMatchObject({
      PIL: 'imported',
      'PIL._imaging': 'failed',
      'PIL._webp': 'imported',
    })
  })
})

test('whatever a module does to Python, the others are tried', async () => {
  const result = await verify(
    modules({
      'a_crash.py': 'import os\nos.kill(os.getpid(), 11)\n',
      'b_exit.py': 'import os\nos._exit(3)\n',
      'c_hang.py': 'import time\ntime.sleep(600)\n',
      'd_raise.py': 'raise ValueError("of its own")\n',
      'e_stop.py': 'import sys\nsys.exit("no")\n',
      'f_noise.py':
        'import os\nprint(\'{"module": "g_fine", "died": 11}\')\nos.write(1, b"{\\"python\\": \\"2.7\\"}\\n")\n',
      'g_fine/__init__.py': '',
      'h_child.py': 'import subprocess\nsubprocess.Popen(["sleep", "600"], close_fds=False)\n',
      'i_after.py': '',
    }),
    { moduleTimeout: 3000 },
  )
  expect(outcomes(result)).toEqual({
    a_crash: 'failed',
    b_exit: 'failed',
    c_hang: 'failed',
    d_raise: 'failed',
    e_stop: 'failed',
    f_noise: 'imported',
    g_fine: 'imported',
    h_child: 'imported',
    i_after: 'imported',
  })
  expect(
    failed(result).map(({ reason, production }) => [reason.replace(/.*python3.13: /, ''), production]),
  ).toEqual([
    ['Python was ended by SIGSEGV.', 'Runtime.ExitError: Runtime exited with error: signal: 11'],
    ['it ended Python with exit code 3.', 'Runtime.ExitError: Runtime exited with error: exit status 3'],
    ['it was not loaded within 3 s.', undefined],
    ['ValueError: of its own', 'ValueError: of its own'],
    ['SystemExit: no', 'SystemExit: no'],
  ])
})

test('a module that failed leaves nothing behind for the next', async () => {
  const result = await verify(
    modules({
      'a.py': 'import sys\nsys.modules["marker"] = sys\nimport nothing_of_the_kind\n',
      'b.py': 'import sys\nassert "marker" not in sys.modules\n',
    }),
  )
  expect(outcomes(result)).toEqual({ a: 'failed', b: 'imported' })
  expect(failed(result)).toMatchObject([
    { severity: 'error', remedy: expect.stringContaining('nothing_of_the_kind') },
  ])
})

test('it is as in a function: rights, search path, variables; and no network', async () => {
  const LOOK = `
import errno, os, socket, sys
assert os.getuid() != 0
assert os.getcwd() == "/var/task"
assert os.environ["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
assert not [name for name in os.environ if name.startswith("CRUDDUR")]
seen = [path for path in dict.fromkeys(sys.path) if path.startswith(("/opt", "/var/task", "/cruddur"))]
assert seen == ["/var/task", "/opt/python/lib/python3.13/site-packages", "/opt/python"], seen
open("/tmp/x", "w").close()
for folder in ("/opt", "/opt/python", "/var/task", "/cruddur"):
    try:
        open(folder + "/x", "w").close()
        raise AssertionError(folder)
    except OSError as error:
        assert error.errno == errno.EROFS, error
try:
    socket.create_connection(("1.1.1.1", 53), timeout=2)
    raise AssertionError("network")
except OSError as error:
    assert error.errno == errno.ENETUNREACH, error
`
  for (const path of [modules({ 'look.py': LOOK }), place.folder(inPython({ 'look.py': LOOK }))]) {
    const result = await verify(path)
    expect(failed(result).map(({ details }) => details)).toEqual([])
    expect(outcomes(result)).toEqual({ look: 'imported' })
  }
})

test('what only the managed runtime has is a warning', async () => {
  const result = await verify(modules({ 'a/__init__.py': 'import boto3\n' }))
  expect(result.ok).toBe(true)
  expect(failed(result)).toMatchObject([
    {
      severity: 'warning',
      reason: expect.stringContaining("No module named 'boto3' (the managed runtime has it"),
    },
  ])
})

test('so is a library of the runtime, however a package words it', async ({ skip }) => {
  const wheels = await requireWheels(['numpy-2.5.5-cp313-x86_64'], skip)
  const wrapping =
    'try:\n    import numpy\nexcept ImportError as error:\n    raise ImportError("no numpy") from error\n'
  const path = await place.wheels(wheels)
  const folder = place.unpack(path)
  writeFileSync(join(folder, 'python/wraps.py'), wrapping)
  const result = await verify(folder)
  expect(failed(result).map(({ severity, details }) => [severity, details['modules']])).toEqual([
    ['warning', ['numpy']],
    ['warning', ['wraps']],
  ])
  expect(failed(result)[0]?.reason).toMatch(
    /^import numpy .*libstdc\+\+\.so\.6.*\(the managed runtime has it/,
  )
})

test('a library that is called as a module may be is none', async ({ skip }) => {
  const wheels = await requireWheels(['psycopg2-binary-2.9.13-cp313-x86_64'], skip)
  const path = await place.wheels(wheels, {
    change: (files) => {
      const library = files.find(({ name }) => name.includes('/libcom_err-'))
      if (!library) throw new Error('There is no libcom_err in the wheel.')
      return [...files, { ...library, name: 'python/psycopg2/plain.so' }]
    },
  })
  const result = await verify(path)
  expect(outcomes(result)).toMatchObject({ psycopg2: 'imported', 'psycopg2.plain': 'library' })
  expect(failed(result)).toEqual([])
  // What cannot be loaded at all is told, whatever it is.
  const broken = await verify(modules({ 'b/__init__.py': '', 'b/plain.so': '' }))
  expect(failed(broken)).toMatchObject([
    { severity: 'error', file: 'python/b/plain.so', reason: expect.stringContaining('file too short') },
  ])
})

test('the rights of the folder itself are no part of the layer', async () => {
  const path = place.folder(inPython({ 'a.py': '' }), { '': 0o700 })
  expect(outcomes(await verify(path))).toEqual({ a: 'imported' })
})

test('for several runtimes each in its image', async () => {
  const files = { 'new.py': 'import sys\nassert sys.version_info >= (3, 12)\n' }
  const result = await verify(modules(files), {}, { pythons: ['3.11', '3.13'] })
  expect(result.imports?.map(({ runtime, image }) => [runtime, image.reference])).toEqual([
    ['python3.11', runtimeImage('3.11', 'x86_64')],
    ['python3.13', runtimeImage('3.13', 'x86_64')],
  ])
  expect(failed(result)).toMatchObject([{ details: { runtime: 'python3.11' } }])
})

test('a layer with nothing to import needs no engine', async () => {
  const result = await verify(place.zip({ 'lib/data': 'x' }), { environment: { PATH: '/nowhere' } })
  expect(result.imports).toEqual([])
})

test('what keeps Python from its first import is a finding', async () => {
  const stopped = await verify(
    modules({ 'a.py': '', 'a.pth': 'import os; os.write(2, b"stopped here\\n"); os._exit(7)\n' }),
  )
  expect(failed(stopped)).toMatchObject([
    { severity: 'error', reason: expect.stringContaining('as far as the first import: stopped here') },
  ])
  const linked = place.zip({ 'python/a.py': '' }, {}, [
    { name: 'python/b', content: '../../../etc/passwd', mode: 0o120_777 },
  ])
  expect(failed(await verify(linked))).toMatchObject([
    { reason: expect.stringContaining('leads out of the layer') },
  ])
})

test('when the time for all is over, what was not reached is told', async () => {
  const files = { 'a.py': '', 'b.py': 'import time\ntime.sleep(600)\n', 'c.py': '' }
  const result = await verify(modules(files), { timeout: 8000 })
  expect(result.ok).toBe(false)
  expect(failed(result)).toMatchObject([
    { reason: 'imports in python3.13: 2 of 3 modules were not reached: the time was over.' },
  ])
  expect(outcomes(result)).toEqual({ a: 'imported', b: 'not-tried', c: 'not-tried' })
})

describe('images', () => {
  test('of another Python prove nothing', async () => {
    const error = await failureOf(verify(modules({ 'a.py': '' }), { image: runtimeImage('3.11', 'x86_64') }))
    expect(error).toMatchObject({
      code: 'IMAGE_WRONG_PYTHON',
      hint: expect.stringContaining('--python 3.11'),
    })
  })

  test('without a Python are refused', async () => {
    const image = `cruddur-test/no-python:${process.pid}`
    const container = docker('create', runtimeImage('3.13', 'x86_64'), 'a.b')
    try {
      docker('commit', '--change', 'ENV PATH=/nowhere', container, image)
      expect(await failureOf(verify(modules({ 'a.py': '' }), { image }))).toMatchObject({
        code: 'IMAGE_UNUSABLE',
      })
    } finally {
      docker('rm', container)
      docker('rmi', image)
    }
  })

  test.each([
    [{ DOCKER_HOST: 'tcp://127.0.0.1:1' }, 'DOCKER_NOT_RUNNING'],
    [{ PATH: '/nowhere' }, 'DOCKER_NOT_INSTALLED'],
  ])('without an engine it says what goes all the same (%j)', async (variables, code) => {
    const environment = { ...DOCKER_ENVIRONMENT, ...variables }
    expect(await failureOf(verify(modules({ 'a.py': '' }), { environment }))).toMatchObject({
      code,
      kind: 'unreachable',
      hint: expect.stringMatching(/Without --import, verify needs no Docker\.$/),
    })
  })
})

/** Folders of what runs now. */
const work = () => readdirSync(tmpdir()).filter((name) => name.startsWith('cruddur-invoke-'))

test('when interrupted nothing is left', async () => {
  const before = new Set(work())
  const abort = new AbortController()
  const failure = failureOf(
    verify(modules({ 'a.py': 'import time\ntime.sleep(600)\n' }), {}, { signal: abort.signal }),
  )
  await until(() => containersOf().some((name) => name.startsWith('cruddur-import-')))
  abort.abort()
  expect(await failure).toMatchObject({ kind: 'interrupted' })
  expect(containersOf()).toEqual([])
  expect(work().filter((name) => !before.has(name))).toEqual([])
})
