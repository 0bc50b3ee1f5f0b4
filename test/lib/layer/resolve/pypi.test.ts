import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { arch, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HttpClient } from '../../../../src/lib/layer/http/http-client.ts'
import { downloadWheels } from '../../../../src/lib/layer/resolve/download.ts'
import { openWheel } from '../../../../src/lib/layer/wheel/open-wheel.ts'
import { requireTools } from '../../../conformance/harness/tools.ts'
import { hostPython, resolverEnvironment } from '../../../support/layer/other-resolvers.ts'
import { chosen, failure, resolveInTest, target } from '../../../support/layer/resolve.ts'

// The real PyPI. Versions that come out after this was written are left out where a result is told.

const run = promisify(execFile)
const index = { indexUrl: 'https://pypi.org/simple/' }

let cacheFolder: string
let missing = ''
let environment: Record<string, string | undefined> = {}

beforeAll(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'cruddur-test-'))
  const http = new HttpClient({ retries: 1 })
  try {
    const { body } = await http.get(new URL('https://pypi.org/simple/six/'))
    body.destroy()
    environment = await resolverEnvironment()
  } catch (error) {
    missing = `PyPI cannot be asked, or uv and pip cannot be installed: ${(error as Error).message}`
  } finally {
    http.close()
  }
})
afterAll(() => rmSync(cacheFolder, { recursive: true, force: true }))

interface Skippable {
  skip: (reason: string) => void
}

function needPypi({ skip }: Skippable): void {
  if (missing) requireTools(missing, skip)
}

describe('what fits the runtime', () => {
  test('python3.11: numpy, pandas and lxml as they run with glibc 2.26', async (context) => {
    needPypi(context)
    const found = await resolveInTest({
      requirements: ['numpy<2.5', 'pandas<3', 'lxml<6.2'],
      target: target('3.11', 'x86_64'),
      index,
      cacheFolder,
    })
    expect(chosen(found)).toEqual(expect.arrayContaining(['numpy 2.2.6', 'pandas 2.3.3', 'lxml 6.1.3']))
    const numpy = found.packages.find(({ name }) => name === 'numpy')
    expect(numpy?.wheel.sha256).toBe('ba10f8411898fc418a521833e014a77d3ca01c15b0c6cdcce6a0d2897e6dbbdf')
    expect(numpy?.passedOver).toMatchObject({ version: '2.4.6' })
    expect(numpy?.passedOver?.fits).toContain('python3.12 on x86_64')
  })

  test('python3.11: of pyarrow 25 there is no wheel', async (context) => {
    needPypi(context)
    const ask = { requirements: ['pyarrow==25.0.1'], target: target('3.11', 'x86_64'), index, cacheFolder }
    const found = await resolveInTest(ask)
    expect(found.packages).toEqual([])
    expect(found.sourceOnly).toMatchObject([{ name: 'pyarrow', version: '25.0.1' }])
    expect(found.sourceOnly[0]?.why).toBe(
      'no wheel of pyarrow 25.0.1 is for python3.11 on x86_64 (glibc 2.26): there is cp311-manylinux_2_28_x86_64',
    )
    expect(found.sourceOnly[0]?.fits[0]).toBe('python3.12 on x86_64')
  })

  // On arm64 the newest one needs glibc 2.27: python3.11 gets the one before.
  test.for([
    ['3.13', 'arm64', '2.9.13', 'manylinux_2_27_aarch64'],
    ['3.13', 'x86_64', '2.9.13', 'manylinux2014_x86_64'],
    ['3.11', 'x86_64', '2.9.13', 'manylinux2014_x86_64'],
    ['3.11', 'arm64', '2.9.11', 'manylinux2014_aarch64'],
  ])(
    'psycopg2-binary for python%s on %s is %s',
    async ([python = '', architecture = '', version, platform], context) => {
      needPypi(context)
      const found = await resolveInTest({
        requirements: ['psycopg2-binary<2.9.14'],
        target: target(python, architecture),
        index,
        cacheFolder,
      })
      expect(chosen(found)).toEqual([`psycopg2-binary ${version}`])
      expect(found.packages[0]?.wheel.fileName).toContain(platform)
    },
  )

  test('what was chosen is downloaded and is a sound wheel', async (context) => {
    needPypi(context)
    const found = await resolveInTest({ requirements: ['typing-extensions==4.16.0'], index, cacheFolder })
    const http = new HttpClient()
    const folder = join(cacheFolder, 'wheels')
    const [wheel] = await downloadWheels(
      found.packages.map((one) => one.wheel),
      { folder, http },
    )
    http.close()
    const opened = openWheel(wheel?.path ?? '')
    expect(opened.metadata).toMatchObject({ name: 'typing_extensions', version: '4.16.0' })
    opened.archive.close()
  })

  test('psycopg2 has no wheels for Linux: it must be compiled', async (context) => {
    needPypi(context)
    const found = await resolveInTest({ requirements: ['psycopg2==2.9.11'], index, cacheFolder })
    expect(found).toMatchObject({ packages: [], sourceOnly: [{ name: 'psycopg2', fits: [] }] })
  })

  test('what contradicts itself is told', async (context) => {
    needPypi(context)
    const requirements = ['pydantic==2.5.0', 'pydantic-core==2.10.0']
    const error = await failure(resolveInTest({ requirements, index, cacheFolder }))
    expect(error.code).toBe('REQUIREMENTS_CONFLICT')
    expect(error.context).toContain('pydantic 2.5.0 wants pydantic-core==2.14.1')
  })
})

/** What people put into layers; the last ones need a look back. */
const SETS: readonly (readonly string[])[] = [
  ['psycopg2-binary'],
  ['numpy', 'pandas'],
  ['requests[socks]', 'beautifulsoup4'],
  ['boto3', 's3fs'],
  ['pydantic', 'fastapi', 'mangum'],
  ['sqlalchemy[postgresql]>=2'],
  ['cryptography', 'pyjwt[crypto]'],
  ['pillow', 'reportlab'],
  ['django>=4,<5', 'psycopg[binary]'],
  ['scikit-learn', 'numpy<2.3'],
  ['urllib3<2', 'botocore', 'requests'],
  ['pandas==2.3.*', 'pyarrow<22'],
]

/** uv and pip are processes that ask for everything themselves. */
const SLOW = { timeout: 180_000 }

describe('uv and pip choose the same', () => {
  test.for(SETS.map((requirements) => ({ requirements })))(
    '$requirements',
    SLOW,
    async ({ requirements }, context) => {
      needPypi(context)
      const host = target(await hostPython(environment), arch() === 'arm64' ? 'arm64' : 'x86_64')
      const ask = (resolver: 'cruddur' | 'pip' | 'uv', wanted = host) =>
        resolveInTest({ requirements, target: wanted, index, cacheFolder, resolver, environment })
      const [ours, pip] = await Promise.all([ask('cruddur'), ask('pip')])
      expect(pip.by).toBe('pip')
      expect(chosen(ours)).toEqual(chosen(pip))
      expect(ours.packages.map(({ wheel }) => wheel)).toEqual(pip.packages.map(({ wheel }) => wheel))
      // For another machine than this one, which pip could not answer for.
      const [other, uv] = await Promise.all([
        ask('cruddur', target('3.13', 'arm64')),
        ask('uv', target('3.13', 'arm64')),
      ])
      expect(uv.by).toBe('uv')
      expect(chosen(other)).toEqual(chosen(uv))
    },
  )
})

test('auto takes uv where it knows the platform, and our own where nobody else is exact', async (context) => {
  needPypi(context)
  const ask = (python: string) =>
    resolveInTest({
      requirements: ['six'],
      target: target(python, 'arm64'),
      index,
      cacheFolder,
      resolver: 'auto',
      environment,
    })
  expect((await ask('3.13')).by).toBe('uv')
  expect(await ask('3.9')).toMatchObject({
    by: 'cruddur',
    because: expect.stringContaining('uv knows no platform with glibc 2.26') as string,
  })
  const bare = resolveInTest({
    requirements: ['six'],
    index,
    cacheFolder,
    resolver: 'auto',
    environment: { PATH: '' },
  })
  expect((await bare).by).toBe('cruddur')
})

test("a lock of uv's own gives what uv exports for the same machine", async (context) => {
  needPypi(context)
  const directory = mkdtempSync(join(tmpdir(), 'cruddur-test-'))
  try {
    const dependencies = [
      'psycopg2-binary',
      'pandas<3',
      'requests[socks]',
      'colorama; sys_platform == "win32"',
    ]
    const project = `[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ${JSON.stringify(dependencies)}\n`
    writeFileSync(join(directory, 'pyproject.toml'), project)
    const options = {
      cwd: directory,
      env: { ...environment, UV_PYTHON_DOWNLOADS: 'never', UV_NO_CONFIG: '1' },
    }
    await run('uv', ['lock', '--quiet', '--default-index', index.indexUrl], options)
    const exported = [
      'export',
      '--frozen',
      '--no-emit-project',
      '--quiet',
      '--format',
      'pylock.toml',
      '-o',
      'pylock.toml',
    ]
    await run('uv', exported, options)
    const wanted = target('3.12', 'arm64')
    const ask = (file: string) =>
      resolveInTest({ files: [file], directory, target: wanted, index: { noIndex: true } })
    const [lock, pylock] = await Promise.all([ask('uv.lock'), ask('pylock.toml')])
    expect(chosen(lock)).toEqual(chosen(pylock))
    expect(lock.packages.map(({ wheel }) => wheel.sha256)).toEqual(
      pylock.packages.map(({ wheel }) => wheel.sha256),
    )
    expect(lock.packages.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['pandas', 'pysocks', 'psycopg2-binary']),
    )
    expect(lock.packages.map(({ name }) => name)).not.toContain('colorama')
    const resolved = await resolveInTest({
      files: ['pyproject.toml'],
      directory,
      target: wanted,
      index,
      cacheFolder,
    })
    expect(chosen(resolved)).toEqual(chosen(lock))
  } finally {
    rmSync(directory, { recursive: true })
  }
})
