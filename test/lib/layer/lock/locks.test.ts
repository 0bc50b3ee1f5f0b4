import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LockedPackage } from '../../../../src/lib/layer/lock/locked-package.ts'
import { readPoetryLock } from '../../../../src/lib/layer/lock/poetry-lock.ts'
import { readPylock } from '../../../../src/lib/layer/lock/pylock.ts'
import { readPyproject } from '../../../../src/lib/layer/lock/pyproject.ts'
import { readUvLock } from '../../../../src/lib/layer/lock/uv-lock.ts'
import { caught } from '../../../support/layer/caught.ts'
import { target } from '../../../support/layer/resolve.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cruddur-test-'))
  path = join(folder, 'lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Wanted {
  python?: string
  architecture?: string
  extras?: string[]
  groups?: string[]
}

function options(text: string, { python, architecture, extras = [], groups = [] }: Wanted = {}) {
  writeFileSync(path, text)
  return { path, environment: target(python, architecture).environment, extras, groups }
}

const names = (packages: LockedPackage[]) =>
  packages.map(({ name, version }) => `${name} ${version}`).toSorted()

const HASH = 'a'.repeat(64)

/** A package in a uv.lock, with one wheel. */
function uvPackage(name: string, version: string, rest = ''): string {
  return `
[[package]]
name = "${name}"
version = "${version}"
source = { registry = "https://pypi.org/simple" }
wheels = [{ url = "https://files/${name}-${version}-py3-none-any.whl", hash = "sha256:${HASH}", size = 12 }]
${rest}
`
}

describe('uv.lock', () => {
  const LOCK = `version = 1
requires-python = ">=3.9"

[[package]]
name = "my-app"
version = "0.1.0"
source = { virtual = "." }
dependencies = [
  { name = "web", extra = ["fast"] },
  { name = "armed", marker = "platform_machine == 'aarch64'" },
  { name = "old", marker = "python_full_version < '3.11'" },
]

[package.optional-dependencies]
db = [{ name = "driver" }]

[package.dev-dependencies]
dev = [{ name = "linter" }]
${uvPackage('web', '1', 'dependencies = [{ name = "base" }]\n[package.optional-dependencies]\nfast = [{ name = "speed" }]\nslow = [{ name = "linter" }]')}
${['armed', 'old', 'driver', 'linter', 'base'].map((name) => uvPackage(name, '1')).join('')}
${uvPackage('speed', '1', `resolution-markers = ["python_full_version < '3.11'"]`)}
${uvPackage('speed', '2', `resolution-markers = ["python_full_version >= '3.11'"]`)}
`

  test('what the project needs on the target, without the project', () => {
    const found = readUvLock(options(LOCK))
    expect(names(found)).toEqual(['armed 1', 'base 1', 'speed 2', 'web 1'])
    const web = found.find(({ name }) => name === 'web')
    expect(web?.files).toMatchObject([
      {
        fileName: 'web-1-py3-none-any.whl',
        url: 'https://files/web-1-py3-none-any.whl',
        sha256: HASH,
        size: 12,
      },
    ])
    expect(found.find(({ name }) => name === 'base')?.requiredBy).toEqual(['web'])
    expect(names(readUvLock(options(LOCK, { python: '3.10', architecture: 'x86_64' })))).toEqual([
      'base 1',
      'old 1',
      'speed 1',
      'web 1',
    ])
  })

  test('extras and groups', () => {
    expect(names(readUvLock(options(LOCK, { extras: ['DB'], groups: ['dev'] })))).toEqual([
      'armed 1',
      'base 1',
      'driver 1',
      'linter 1',
      'speed 2',
      'web 1',
    ])
    expect(caught(() => readUvLock(options(LOCK, { extras: ['gone'] })))).toMatchObject({
      code: 'UNKNOWN_EXTRA',
      hint: 'It has db.',
    })
  })

  test.each([
    ['git = "https://host/repo?rev=1#abc"', 'comes from Git'],
    ['editable = "packages/other"', 'is a folder of this project'],
    ['directory = "../other"', 'is a folder'],
  ])('a package with %s cannot go into a layer', (source, what) => {
    const lock = LOCK.replace(
      /name = "web"\nversion = "1"\nsource = .*/,
      `name = "web"\nversion = "1"\nsource = { ${source} }`,
    )
    const error = caught(() => readUvLock(options(lock)))
    expect(error).toMatchObject({ code: 'REQUIREMENT_NOT_SUPPORTED', details: { package: 'web' } })
    expect(error.message).toContain(what)
  })

  test.each([
    ['version = 1\nnot toml', 'line 2 is not TOML'],
    ['version = 9', 'its version is not 1'],
    [`version = 1\n${uvPackage('a', '1')}`, 'no package in it is the project'],
    [LOCK.replace('name = "base" }', 'name = "lost" }'), 'it lacks lost'],
  ])('what is wrong is said', (text, reason) => {
    const error = caught(() => readUvLock(options(text)))
    expect(error).toMatchObject({ code: 'LOCK_INVALID', kind: 'usage' })
    expect(error.message).toContain(reason)
  })
})

describe('pylock.toml', () => {
  const LOCK = `lock-version = "1.0"
environments = ["sys_platform == 'linux'", "sys_platform == 'darwin'"]
requires-python = ">=3.11"
extras = ["db"]
dependency-groups = ["dev"]
default-groups = ["base"]
created-by = "test"

[[packages]]
name = "Always_Here"
version = "1"
dependencies = [{ name = "armed" }]
wheels = [
  { name = "always_here-1-py3-none-any.whl", url = "https://files/x", size = 5, hashes = { sha256 = "${HASH}" } },
  { path = "wheels/always_here-1-cp313-cp313-linux_aarch64.whl", hashes = { sha256 = "${HASH}" } },
]

[[packages]]
name = "armed"
version = "2"
marker = "platform_machine == 'aarch64'"
sdist = { url = "https://files/armed-2.tar.gz", hashes = { sha256 = "${HASH}" } }

[[packages]]
name = "driver"
version = "3"
marker = "'db' in extras"

[[packages]]
name = "linter"
version = "4"
marker = "'dev' in dependency_groups or 'base' not in dependency_groups"
`

  test('each package says when it counts', () => {
    const found = readPylock(options(LOCK))
    expect(names(found)).toEqual(['always-here 1', 'armed 2'])
    expect(found[0]?.files).toMatchObject([
      { fileName: 'always_here-1-py3-none-any.whl', url: 'https://files/x', size: 5, sha256: HASH },
      { url: pathToFileURL(join(folder, 'wheels/always_here-1-cp313-cp313-linux_aarch64.whl')).href },
    ])
    expect(found[1]).toMatchObject({ requiredBy: ['always-here'], files: [{ fileName: 'armed-2.tar.gz' }] })
    const more = readPylock(options(LOCK, { architecture: 'x86_64', extras: ['db'], groups: ['dev'] }))
    expect(names(more)).toEqual(['always-here 1', 'driver 3', 'linter 4'])
  })

  test('a lock for other machines is refused', () => {
    expect(caught(() => readPylock(options(LOCK, { python: '3.10' }))).code).toBe('LOCK_NOT_FOR_TARGET')
    const mac = LOCK.replace('"sys_platform == \'linux\'", ', '')
    expect(caught(() => readPylock(options(mac))).code).toBe('LOCK_NOT_FOR_TARGET')
  })

  test('what is no file of an index is refused', () => {
    const lock = `${LOCK}[[packages]]\nname = "g"\nvcs = { type = "git", url = "x", commit-id = "y" }\n`
    expect(caught(() => readPylock(options(lock))).code).toBe('REQUIREMENT_NOT_SUPPORTED')
    expect(caught(() => readPylock(options('lock-version = "2.0"'))).code).toBe('LOCK_INVALID')
  })
})

/** What a poetry.lock says of a package's files. */
const file = (name: string) => `files = [{file = "${name}-1-py3-none-any.whl", hash = "sha256:${HASH}"}]`

describe('poetry.lock', () => {
  test('since 2.1 packages say where they count', () => {
    const lock = `
[[package]]
name = "Web"
version = "1"
optional = false
python-versions = ">=3.9"
groups = ["main", "dev"]
markers = {main = "platform_machine == \\"aarch64\\"", dev = "python_version < \\"3\\""}
${file('web')}
[package.dependencies]
base = ">=1"

[[package]]
name = "base"
version = "1"
optional = false
python-versions = "*"
groups = ["main"]
${file('base')}

[[package]]
name = "linter"
version = "1"
optional = false
python-versions = "*"
groups = ["dev"]
${file('linter')}

[[package]]
name = "driver"
version = "1"
optional = true
python-versions = "*"
groups = ["main"]
markers = "extra == \\"db\\""
${file('driver')}

[[package]]
name = "ancient"
version = "1"
optional = false
python-versions = ">=2.7,<3.0 || >=3.4,<3.10"
groups = ["main"]
${file('ancient')}

[extras]
db = ["driver"]

[metadata]
lock-version = "2.1"
`
    const found = readPoetryLock(options(lock))
    expect(names(found)).toEqual(['base 1', 'web 1'])
    expect(found.find(({ name }) => name === 'base')).toMatchObject({
      files: undefined,
      hashes: new Set([HASH]),
      requiredBy: ['web'],
    })
    expect(
      names(readPoetryLock(options(lock, { architecture: 'x86_64', extras: ['db'], python: '3.9' }))),
    ).toEqual(['ancient 1', 'base 1', 'driver 1'])
    expect(names(readPoetryLock(options(lock, { groups: ['dev'] })))).toContain('linter 1')
  })

  test('older ones are followed from what nothing else needs', () => {
    const lock = `
[[package]]
name = "web"
version = "1"
optional = false
python-versions = "*"
${file('web')}
[package.dependencies]
armed = {version = "*", markers = "platform_machine == \\"aarch64\\""}
windows = [{version = "*", markers = "sys_platform == \\"win32\\""}]
speed = {version = "*", optional = true}

${['armed', 'windows', 'speed']
  .map(
    (name) =>
      `[[package]]\nname = "${name}"\nversion = "1"\noptional = ${name === 'speed'}\npython-versions = "*"\n${file(name)}\n`,
  )
  .join('')}
[extras]
fast = ["speed"]

[metadata]
lock-version = "2.0"
`
    expect(names(readPoetryLock(options(lock)))).toEqual(['armed 1', 'web 1'])
    expect(names(readPoetryLock(options(lock, { extras: ['fast'], architecture: 'x86_64' })))).toEqual([
      'speed 1',
      'web 1',
    ])
  })

  test('what comes from Git is refused', () => {
    const lock = `[[package]]\nname = "g"\nversion = "1"\ngroups = ["main"]\n[package.source]\ntype = "git"\nurl = "x"\n[metadata]\nlock-version = "2.1"\n`
    expect(caught(() => readPoetryLock(options(lock))).code).toBe('REQUIREMENT_NOT_SUPPORTED')
    expect(caught(() => readPoetryLock(options('[metadata]\nlock-version = "9.0"'))).code).toBe(
      'LOCK_INVALID',
    )
  })
})

const read = (text: string, extras: string[] = [], groups: string[] = []) => {
  writeFileSync(path, text)
  return readPyproject({ path, shown: 'pyproject.toml', extras, groups })
}

describe('pyproject.toml', () => {
  const PROJECT = `[project]
name = "my-app"
dependencies = ["web[fast]>=1", "old; python_version < '3.10'"]
[project.optional-dependencies]
db = ["driver"]
all = ["my_app[db,All]", "more"]
[dependency-groups]
dev = ["linter", { include-group = "test" }]
test = ["tester", { include-group = "dev" }]
`
  test('dependencies, extras that ask for others, groups that include others', () => {
    const found = read(PROJECT, ['all'], ['dev'])
    expect(found.map(({ requirement }) => requirement.name)).toEqual([
      'web',
      'old',
      'driver',
      'more',
      'linter',
      'tester',
    ])
    expect(found[2]?.origin).toBe('pyproject.toml, [project.optional-dependencies] db')
  })

  test('what is wrong is said', () => {
    expect(caught(() => read(PROJECT, ['gone'])).code).toBe('UNKNOWN_EXTRA')
    expect(caught(() => read('[project]\ndependencies = ["a b"]')).message).toContain(
      '[project] dependencies',
    )
    const poetry = caught(() => read('[tool.poetry.dependencies]\npython = "^3.11"'))
    expect(poetry).toMatchObject({ code: 'REQUIREMENT_NOT_SUPPORTED' })
    expect(poetry.hint).toContain('poetry lock')
  })
})
