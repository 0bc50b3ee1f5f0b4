import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HttpClient } from '../../../../src/lib/layer/http/http-client.ts'
import { parseRequirement } from '../../../../src/lib/layer/python/requirement.ts'
import { IndexClient } from '../../../../src/lib/layer/resolve/index-client.ts'
import { IndexSource } from '../../../../src/lib/layer/resolve/package-source.ts'
import { Resolver } from '../../../../src/lib/layer/resolve/resolver.ts'
import type { Target } from '../../../../src/lib/layer/resolve/target.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PackageIndex } from '../../../support/layer/package-index.ts'
import { chosen, failure, resolveInTest, target } from '../../../support/layer/resolve.ts'

let index: PackageIndex

beforeEach(async () => {
  index = await PackageIndex.start()
})
afterEach(() => index.stop())

/** `offer('a 1.0', 'b>=2; python_version < "3.12"')`: a package that runs everywhere, and what it needs. */
function offer(nameAndVersion: string, ...requires: string[]): void {
  const [name = '', version = ''] = nameAndVersion.split(' ')
  index.addWheel({ name, version, metadata: requires.map((one) => `Requires-Dist: ${one}`) })
}

function resolveFor(wanted: Target, ...requirements: string[]) {
  return resolveInTest({ requirements, target: wanted, index: { indexUrl: index.url } })
}

const resolve = (...requirements: string[]) => resolveFor(target('3.13', 'arm64'), ...requirements)

/** What only our Python on arm64 takes, with a glibc that is new enough. */
const tag = (glibc: number) => `cp313-cp313-manylinux_2_${glibc}_aarch64`

test('takes the newest versions, and what they need', async () => {
  offer('app 1.0', 'lib>=1')
  offer('lib 1.9')
  offer('lib 1.10')
  const found = await resolve('app')
  expect(chosen(found)).toEqual(['app 1.0', 'lib 1.10'])
  expect(found.packages[1]?.requiredBy).toEqual(['app'])
  expect(found.packages[1]?.wheel).toMatchObject({ fileName: 'lib-1.10-py3-none-any.whl' })
  expect(found.packages[1]?.wheel.sha256).toMatch(/^[\da-f]{64}$/)
  expect(found).toMatchObject({ sourceOnly: [], by: 'cruddur' })
})

test('takes an older version where the newest contradicts another package', async () => {
  offer('app 2.0', 'lib>=2')
  offer('app 1.0', 'lib<2')
  offer('other 1.0', 'lib<2')
  offer('lib 1.5')
  offer('lib 2.5')
  expect(chosen(await resolve('app', 'other'))).toEqual(['app 1.0', 'lib 1.5', 'other 1.0'])
  expect(chosen(await resolve('other', 'app'))).toEqual(['app 1.0', 'lib 1.5', 'other 1.0'])
})

test('goes back to the decision that is to blame, over any number of others', async () => {
  offer('a 2', 'z==2')
  offer('a 1', 'z==1')
  // Decided in between; each has many versions, all of which would be tried by going back one by one.
  for (const name of ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'])
    for (let version = 1; version <= 9; version++) offer(`${name} ${version}`)
  offer('last 1', 'middle')
  offer('middle 1', 'deep')
  offer('deep 1', 'z==1')
  offer('z 1')
  offer('z 2')
  const found = await resolve('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'last')
  expect(chosen(found)).toEqual(expect.arrayContaining(['a 1', 'z 1', 'b 9', 'i 9', 'deep 1']))
})

test('a combination that exists is found, whatever the order of the requirements', async () => {
  // The eight queens: one package per column, whose versions are rows, and which say what the others may not be.
  const size = 6
  for (let column = 1; column <= size; column++)
    for (let row = 1; row <= size; row++) {
      const excludes: string[] = []
      for (let other = 1; other <= size; other++) {
        if (other === column) continue
        const distance = Math.abs(other - column)
        const rows = [row, row - distance, row + distance].filter((one) => one >= 1 && one <= size)
        excludes.push(`q${other}${rows.map((one) => `!=${one}`).join(',')}`)
      }
      offer(`q${column} ${row}`, ...excludes)
    }
  const found = await resolve('q1')
  const rows = found.packages.map(({ version }) => Number(version))
  expect(rows).toHaveLength(size)
  for (const [a, first] of rows.entries())
    for (const [b, second] of rows.entries())
      if (a < b) expect([0, b - a]).not.toContain(Math.abs(first - second))
})

test('markers are judged for the target', async () => {
  offer(
    'app 1.0',
    'arm; platform_machine == "aarch64"',
    'intel; platform_machine == "x86_64"',
    'windows; sys_platform == "win32"',
    'old; python_version < "3.12"',
  )
  for (const name of ['arm', 'intel', 'windows', 'old']) offer(`${name} 1`)
  expect(chosen(await resolve('app'))).toEqual(['app 1.0', 'arm 1'])
  expect(chosen(await resolveFor(target('3.11', 'x86_64'), 'app'))).toEqual(['app 1.0', 'intel 1', 'old 1'])
})

test('extras bring what they need, also of a package that is decided already, and of itself', async () => {
  offer('app 1.0', 'socks; extra == "proxy"', 'app[proxy]; extra == "all"', 'colors; extra == "fancy"')
  offer('user 1.0', 'app[all]>=1')
  offer('socks 1')
  offer('colors 1')
  expect(chosen(await resolve('app'))).toEqual(['app 1.0'])
  expect(chosen(await resolve('app[Fancy]'))).toEqual(['app 1.0', 'colors 1'])
  expect(chosen(await resolve('app', 'user'))).toEqual(['app 1.0', 'socks 1', 'user 1.0'])
})

test('packages may need each other in a circle', async () => {
  offer('a 1', 'b')
  offer('b 1', 'a>=1')
  expect(chosen(await resolve('a'))).toEqual(['a 1', 'b 1'])
})

test('pre-releases are taken where one is named, or nothing else is there', async () => {
  offer('a 1.0')
  offer('a 2.0rc1')
  offer('only 1.0b2')
  expect(chosen(await resolve('a'))).toEqual(['a 1.0'])
  expect(chosen(await resolve('a>=2.0rc1'))).toEqual(['a 2.0rc1'])
  expect(chosen(await resolve('only'))).toEqual(['only 1.0b2'])
})

test('a version that was taken back is taken only by who names it', async () => {
  offer('a 1.0')
  index.addWheel({ name: 'a', version: '2.0' }, { yanked: true })
  expect(chosen(await resolve('a'))).toEqual(['a 1.0'])
  expect(chosen(await resolve('a==2.0'))).toEqual(['a 2.0'])
  expect(await failure(resolve('a>1'))).toMatchObject({ code: 'VERSION_NOT_FOUND' })
})

test('a version for other Pythons is not taken, whether the page says it or METADATA alone', async () => {
  offer('a 1.0')
  index.addWheel({ name: 'a', version: '3.0' }, { requiresPython: '>=3.14' })
  index.addWheel({ name: 'a', version: '2.0', metadata: ['Requires-Python: <3.13'] })
  expect(chosen(await resolve('a'))).toEqual(['a 1.0'])
})

test('constraints limit versions, and want nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-test-'))
  try {
    writeFileSync(join(folder, 'requirements.txt'), '-c limits.txt\na\n')
    writeFileSync(join(folder, 'limits.txt'), 'a<2\nb==1\n')
    offer('a 1.0')
    offer('a 2.0')
    offer('b 1')
    const ask = { directory: folder, files: ['requirements.txt'], index: { indexUrl: index.url } }
    expect(chosen(await resolveInTest(ask))).toEqual(['a 1.0'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the newest version that has a wheel for the target is taken, and it is said which one was passed over', async () => {
  index.addWheel({ name: 'native', version: '3.0', tag: tag(39) })
  index.addWheel({ name: 'native', version: '2.0', tag: tag(34) })
  index.addWheel({ name: 'native', version: '1.0', tag: tag(17) })
  const found = await resolve('native')
  expect(chosen(found)).toEqual(['native 2.0'])
  expect(found.packages[0]?.passedOver).toMatchObject({ version: '3.0' })
  expect(found.packages[0]?.passedOver?.why).toContain('cp313-manylinux_2_39_aarch64')
})

test('what has a source package only is said to need a compiler; an older wheel of another package stays', async () => {
  offer('app 2.0', 'native>=2')
  offer('app 1.0', 'native>=1')
  index.addWheel({ name: 'native', version: '1.0', tag: 'cp313-cp313-manylinux_2_17_aarch64' })
  index.add({ file: 'native-2.0.tar.gz', bytes: Buffer.from('source') })
  expect(chosen(await resolve('app'))).toEqual(['app 1.0', 'native 1.0'])
  index.add({ file: 'purely-1.0.tar.gz', bytes: Buffer.from('source') })
  const found = await resolve('app', 'purely')
  expect(chosen(found)).toEqual(['app 1.0', 'native 1.0'])
  expect(found.sourceOnly).toMatchObject([
    { name: 'purely', version: '1.0', requirementsKnown: false, fits: [] },
  ])
})

test('of a version that must be compiled, a wheel for another machine says what it needs', async () => {
  const metadata = ['Requires-Dist: helper']
  index.addWheel({ name: 'native', version: '1.0', tag: 'cp313-cp313-manylinux_2_39_x86_64', metadata })
  index.add({ file: 'native-1.0.tar.gz', bytes: Buffer.from('source') })
  offer('helper 1')
  const found = await resolve('native')
  expect(chosen(found)).toEqual(['helper 1'])
  expect(found.sourceOnly).toMatchObject([{ name: 'native', requirementsKnown: true }])
})

test('no wheel and no source: the error names the tags that there are, and what could use them', async () => {
  index.addWheel({ name: 'native', version: '1.0', tag: 'cp311-cp311-manylinux_2_28_x86_64' })
  index.addWheel({ name: 'native', version: '1.0', tag: 'cp312-cp312-manylinux_2_28_x86_64' })
  const wanted = target('3.11', 'x86_64')
  const error = await failure(resolveFor(wanted, 'native'))
  expect(error).toMatchObject({ code: 'NO_WHEEL', details: { fits: ['python3.12 on x86_64'] } })
  expect(error.message).toBe(
    'No wheel of native 1.0 is for python3.11 on x86_64 (glibc 2.26): there is cp311-manylinux_2_28_x86_64.',
  )
})

test('a contradiction is told with everybody who takes part in it', async () => {
  offer('a 1', 'shared<2')
  offer('b 1', 'shared>=2')
  offer('shared 1')
  offer('shared 2')
  const error = await failure(resolve('a', 'b'))
  expect(error.code).toBe('REQUIREMENTS_CONFLICT')
  expect(error.context).toContain('a 1 wants shared<2')
  expect(error.context).toContain('b 1 wants shared>=2')
})

test('what nobody knows is told with who wants it', async () => {
  offer('a 1', 'missing')
  expect(await failure(resolve('a'))).toMatchObject({
    code: 'PACKAGE_NOT_FOUND',
    message: 'No package index knows "missing", which a 1 wants.',
  })
  expect(await failure(resolve('a>=9'))).toMatchObject({ code: 'VERSION_NOT_FOUND', hint: 'There is 1.' })
})

test('with hashes, nothing else is taken', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-test-'))
  try {
    const wheel = index.addWheel({ name: 'a', version: '1.0', metadata: ['Requires-Dist: b'] })
    index.addWheel({ name: 'a', version: '1.0', tag: 'py2.py3-none-any' })
    offer('b 1')
    const sha256 = createHash('sha256').update(wheel.bytes).digest('hex')
    const ask = { directory: folder, files: ['requirements.txt'], index: { indexUrl: index.url } }
    writeFileSync(join(folder, 'requirements.txt'), `a==1.0 --hash=sha256:${sha256}\n`)
    expect(await failure(resolveInTest(ask))).toMatchObject({
      code: 'HASH_MISSING',
      details: { package: 'b' },
    })
    writeFileSync(
      join(folder, 'requirements.txt'),
      `a==1.0 --hash=sha256:${sha256}\nb==1 --hash=sha256:${'0'.repeat(64)}\n`,
    )
    expect(await failure(resolveInTest(ask))).toMatchObject({ code: 'VERSION_NOT_FOUND' })
    const b = index.addWheel({ name: 'b', version: '1', tag: 'py3-none-any', files: { 'b.py': '1' } })
    const other = createHash('sha256').update(b.bytes).digest('hex')
    writeFileSync(
      join(folder, 'requirements.txt'),
      `a==1.0 --hash=sha256:${sha256}\nb==1 \\\n  --hash=sha256:${other}\n`,
    )
    const found = await resolveInTest(ask)
    expect(found.by).toBe('lock')
    expect(found.packages.map((one) => one.wheel.sha256)).toEqual([sha256, other])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a wheel named by URL is taken from there', async () => {
  const wheel = index.addWheel({ name: 'direct', version: '1.0', metadata: ['Requires-Dist: helper'] })
  offer('helper 1')
  const found = await resolve(`direct @ ${index.fileUrl(wheel)}`)
  expect(chosen(found)).toEqual(['direct 1.0', 'helper 1'])
  expect(found.packages[0]?.wheel.url).toBe(index.fileUrl(wheel))
})

test('what takes too many attempts is given up, with what is in the way', async () => {
  // Everything excludes everything: each of the six has to be tried with each of the others.
  for (let number = 1; number <= 6; number++)
    for (let version = 1; version <= 6; version++)
      offer(
        `p${number} ${version}`,
        ...[1, 2, 3, 4, 5, 6]
          .filter((one) => one !== number)
          .map((one) => `p${one}!=${version},!=${7 - version}`),
      )
  const wanted = target()
  const http = new HttpClient()
  const client = new IndexClient({ indexUrl: index.url }, http)
  const source = new IndexSource({
    client,
    target: wanted,
    download: () => Promise.reject(new Error('none')),
  })
  const requirements = [{ requirement: parseRequirement('p1'), origin: 'here' }]
  const error = await failure(
    new Resolver(source, wanted, undefined, 20).resolve({ requirements, constraints: [] }),
  )
  expect(error.code).toBe('REQUIREMENTS_TOO_HARD')
  expect(error.hint).toMatch(/p\d/)
  expect(
    await failure(new Resolver(source, wanted).resolve({ requirements, constraints: [] })),
  ).toMatchObject({
    code: 'REQUIREMENTS_CONFLICT',
  })
  http.close()
})
