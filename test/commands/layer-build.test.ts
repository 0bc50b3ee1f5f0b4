import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BuildResult } from '../../src/lib/layer/build/build-options.ts'
import { cruddur, EXECUTABLE, makeProject, type TestProjectFolder } from '../support/cli.ts'
import { PackageIndex } from '../support/layer/package-index.ts'

// `cruddur layer build` as it is typed, with a package index on the loopback.

const SHOP = { name: 'shop', files: { 'shop/__init__.py': 'x = 1\n', 'shop/tests/test_x.py': 'y = 2\n' } }

let index: PackageIndex
let project: TestProjectFolder

beforeEach(async () => {
  index = await PackageIndex.start()
  index.addWheel(SHOP)
  project = makeProject({ 'package.json': '{"name": "town"}', 'requirements.txt': 'shop\n' })
})
afterEach(async () => {
  project.remove()
  await index.stop()
})

/** The environment of every run: nothing is kept outside of the project. */
const environment = (): Record<string, string> => ({
  PIP_INDEX_URL: index.url,
  XDG_CACHE_HOME: join(project.path, 'cache'),
})

const build = (words: readonly string[] = [], env: Record<string, string> = {}) =>
  cruddur(['layer', 'build', '--resolver', 'cruddur', ...words], {
    directory: project.path,
    env: { ...environment(), ...env },
  })

test('says what it does on stderr, and what came of it on stdout; the next time that nothing changed', async () => {
  const first = await build()
  expect(first.code).toBe(0)
  expect(first.stderr.replaceAll(/ \([^)]*s\)/g, '')).toBe(
    [
      'Nothing was asked for: the layer gets what requirements.txt says.',
      '✔ 1 package for python3.13 on arm64 (glibc 2.34), chosen by cruddur',
      '✔ 1 wheel downloaded',
      '✔ Putting the layer together',
      '✔ Verifying',
      '',
    ].join('\n'),
  )
  expect(first.stdout).toMatch(
    /^PACKAGE  VERSION  UNZIPPED  SHARE  ZIPPED  LEFT OUT\nshop     1\.0 +\d+  100 % +\d+ +6\n\nBuilt \.cruddur\/layers\/town-py313-arm64\.zip in [^\n]*, 1 package\.\nCodeSha256 [\w+/]{43}=\n/,
  )
  const again = await build()
  expect(again).toMatchObject({
    code: 0,
    stderr: 'Nothing was asked for: the layer gets what requirements.txt says.\n',
  })
  expect(again.stdout).toMatch(
    /^Nothing changed: \.cruddur\/layers\/town-py313-arm64\.zip \([^)]*\); --upgrade looks for newer versions\.\n$/,
  )
})

test('with --json it is one object, and layer verify finds the layer', async () => {
  const { code, stdout, stderr } = await build(['shop', '--json', '--name', 'mine', '--arch', 'x86_64'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const result = JSON.parse(stdout) as BuildResult
  expect(result).toMatchObject({
    outcome: 'built',
    name: 'mine',
    arch: 'x86_64',
    packages: [{ name: 'shop' }],
  })
  const verified = await cruddur(['layer', 'verify'], { directory: project.path })
  expect(verified.code).toBe(0)
  expect(verified.stdout).toContain('mine.zip')
  expect(verified.stdout).toContain('python3.13 on x86_64, as the .layer.json beside it says')
})

/** Builds in a folder of its own, each time under other circumstances; returns the hash of the zip. */
async function buildIn(place: string, at: number): Promise<string | undefined> {
  const folder = join(project.path, place)
  mkdirSync(folder, { recursive: true })
  const names = at === 0 ? 'shop till' : 'till shop'
  const command = `umask ${at === 0 ? '077' : '002'}; exec "$0" "$1" layer build ${names} --resolver cruddur --no-cache --name same --out . --json`
  const env = {
    ...environment(),
    PATH: process.env['PATH'],
    HOME: folder,
    TZ: at === 0 ? 'Asia/Tokyo' : 'America/Lima',
  }
  const { stdout } = await promisify(execFile)('sh', ['-c', command, process.execPath, EXECUTABLE], {
    cwd: folder,
    env,
  })
  expect(readdirSync(folder).toSorted()).toEqual(['same.layer.json', 'same.zip'])
  return (JSON.parse(stdout) as BuildResult).codeSha256
}

test('8: other time zone, umask, folder and order: the same bytes', async () => {
  index.addWheel({ name: 'till', files: { 'till.py': '' } })
  expect(await buildIn('a', 0)).toBe(await buildIn('b/c', 1))
})

test('--check proves it, or ends with 1', async () => {
  expect((await build()).code).toBe(0)
  const same = await build(['--check'])
  expect(same.code).toBe(0)
  expect(same.stdout).toContain('Reproduced .cruddur/layers/town-py313-arm64.zip')
  const other = await build(['--check', '--no-prune'])
  expect(other.code).toBe(1)
  expect(other.stderr).toContain('was built from something else than is asked for now')
})

test('--dry-run lists the wheels', async () => {
  const { code, stdout } = await build(['--dry-run'])
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^PACKAGE  VERSION  SIZE +WHEEL\nshop     1\.0 +\S+ k?B +shop-1\.0-py3-none-any\.whl\n/,
  )
  expect(readdirSync(project.path).toSorted()).not.toContain('.cruddur')
})

test.each([
  [['--python', '2.7'], 2, 'UNKNOWN_RUNTIME'],
  [['--name', 'a b'], 2, 'LAYER_NAME_INVALID'],
  [['-r', 'missing.txt'], 2, 'FILE_NOT_READABLE'],
  [['nobody-has-this'], 1, 'PACKAGE_NOT_FOUND'],
  [['--frozen'], 2, 'LAYER_NOT_RECORDED'],
  [['--index-url', 'http://127.0.0.1:1/simple'], 3, 'INDEX_UNREACHABLE'],
])(
  '%j ends with %i, %s',
  async (words, code, name) => {
    const failed = await build([...words, '--json'])
    expect(failed.code).toBe(code)
    expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: name } })
    expect(failed.stderr).toBe('')
  },
  60_000,
)

test('the login of an index is shown nowhere', async () => {
  index.faults.login = 'ana:other'
  const env = { PIP_INDEX_URL: index.url.replace('://', '://ana:S3cretLogin@') }
  for (const words of [[], ['--json'], ['--dry-run']]) {
    const { code, stdout, stderr } = await build(words, env)
    expect(code).toBe(3)
    expect(`${stdout}${stderr}`).not.toContain('S3cretLogin')
  }
})

test('Ctrl-C ends with 130 and leaves nothing half-written', async () => {
  index.addWheel({ ...SHOP, version: '2.0', files: { 'shop.bin': Buffer.alloc(100_000, 'x') } })
  index.faults.slow = 200
  const { code } = await cruddur(['layer', 'build', '--resolver', 'cruddur'], {
    directory: project.path,
    env: environment(),
    onStart: (_, kill) => {
      const timer = setInterval(() => {
        if (index.downloads.length === 0) return
        clearInterval(timer)
        kill('SIGINT')
      }, 20)
    },
  })
  expect(code).toBe(130)
  expect(readdirSync(project.path)).not.toContain('.cruddur')
})

test('a build with nothing to do loads neither what makes layers nor a client of AWS', async () => {
  await build()
  const list = join(project.path, 'list')
  await cruddur(['layer', 'build', '--resolver', 'cruddur'], {
    directory: project.path,
    env: { ...environment(), COUNT_MODULES: list },
    nodeArguments: ['--import', join(import.meta.dirname, '../support/count-modules.js')],
  })
  const loaded = readFileSync(list, 'utf8').trim().split('\n')
  expect(loaded.filter((url) => /make-layer|node_modules|live-|aws/i.test(url))).toEqual([])
  expect(loaded.filter((url) => /^node:(https?|tls|readline)$/.test(url))).toEqual([])
})
