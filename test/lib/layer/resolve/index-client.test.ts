import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PackageIndex } from '../../../support/layer/package-index.ts'
import { chosen, failure, resolveInTest } from '../../../support/layer/resolve.ts'
import { parseHtmlPage, parseJsonPage } from '../../../../src/lib/layer/resolve/index-page.ts'
import { makeWheel } from '../../../support/layer/make-wheel.ts'

let index: PackageIndex

beforeEach(async () => {
  index = await PackageIndex.start()
  index.addWheel({ name: 'lib', version: '1.0' })
  index.addWheel({ name: 'app', version: '1.0', metadata: ['Requires-Dist: lib'] })
  index.addWheel({ name: 'app', version: '2.0' }, { requiresPython: '>=3.14,<4' })
  index.addWheel({ name: 'app', version: '1.5' }, { yanked: true })
})
afterEach(() => index.stop())

const ask = (indexUrl = index.url) => resolveInTest({ requirements: ['app'], index: { indexUrl } })

test('JSON and HTML say the same', async () => {
  const json = await ask()
  index.faults.htmlOnly = true
  const html = await ask()
  expect(chosen(json)).toEqual(['app 1.0', 'lib 1.0'])
  // Only JSON has sizes.
  const withoutSizes = json.packages.map((one) => ({ ...one, wheel: { ...one.wheel, size: undefined } }))
  expect(html.packages).toEqual(withoutSizes)
  expect(json.packages.every(({ wheel }) => wheel.size !== undefined && wheel.sha256 !== undefined)).toBe(
    true,
  )
})

test('METADATA is taken from beside the wheel; no wheel is downloaded', async () => {
  await ask()
  expect(index.downloads).toEqual([])
  expect(index.requests.filter(({ path }) => path.endsWith('.metadata'))).toHaveLength(2)
})

test('where there is none, it is read out of the wheel, of which only parts are fetched', async () => {
  index.faults.noMetadata = true
  index.addWheel({
    name: 'lib',
    version: '3.0',
    // METADATA lies in front of all this, far from the end that is read first.
    distInfo: { big: randomBytes(400_000).toString('latin1') },
    metadata: ['Requires-Dist: deep'],
  })
  index.addWheel({ name: 'deep', version: '1' })
  expect(chosen(await ask())).toEqual(['app 1.0', 'deep 1', 'lib 3.0'])
  expect(index.downloads.length).toBeGreaterThan(2)
  expect(index.downloads.every(({ range }) => range !== undefined)).toBe(true)
})

test('a server that sends no parts: the wheel is downloaded, once', async () => {
  index.faults.noMetadata = true
  index.faults.noRange = true
  const cacheFolder = mkdtempSync(join(tmpdir(), 'cruddur-test-'))
  try {
    const again = () => resolveInTest({ requirements: ['app'], index: { indexUrl: index.url }, cacheFolder })
    expect(chosen(await again())).toEqual(['app 1.0', 'lib 1.0'])
    const before = index.downloads.length
    await again()
    expect(index.downloads).toHaveLength(before)
  } finally {
    rmSync(cacheFolder, { recursive: true })
  }
})

test('each page and each METADATA is asked for once', async () => {
  index.addWheel({ name: 'other', version: '1.0', metadata: ['Requires-Dist: lib', 'Requires-Dist: app'] })
  await resolveInTest({ requirements: ['other', 'app', 'lib'], index: { indexUrl: index.url } })
  const paths = index.requests.map(({ path }) => path)
  expect(new Set(paths).size).toBe(paths.length)
})

test('an overloaded index is asked again; one that stays so is named by its host', async () => {
  index.faults.failing = { status: 503, times: 2 }
  expect(chosen(await ask())).toEqual(['app 1.0', 'lib 1.0'])
  index.faults.failing = { status: 503, times: 99 }
  expect(await failure(ask())).toMatchObject({
    code: 'INDEX_UNREACHABLE',
    kind: 'unreachable',
    message: `${new URL(index.url).host} cannot be reached: it answers with HTTP 503.`,
  })
})

test('no network: the host is named', async () => {
  const error = await failure(ask('http://no-such-host.invalid/simple'))
  expect(error).toMatchObject({ code: 'INDEX_UNREACHABLE', kind: 'unreachable' })
  expect(error.message).toContain('no-such-host.invalid cannot be reached')
})

test('a login in the URL goes to its host only, and into no message or result', async () => {
  index.faults.login = 'me:pa:ss%'
  const secret = 'pa:ss%'
  const withLogin = index.url.replace('http://', `http://me:${encodeURIComponent(secret)}@`)
  const found = await ask(withLogin)
  expect(chosen(found)).toEqual(['app 1.0', 'lib 1.0'])
  expect(JSON.stringify(found)).not.toMatch(/pa(?::|%3A)ss/)
  const wrong = index.url.replace('http://', 'http://me:wrong-secret@')
  const error = await failure(ask(wrong))
  expect(error).toMatchObject({ code: 'INDEX_LOGIN_REFUSED', kind: 'unreachable' })
  expect(JSON.stringify([error.message, error.hint, error.context, error.details])).not.toContain(
    'wrong-secret',
  )
  const other = await PackageIndex.start()
  try {
    other.addWheel({ name: 'lib', version: '9' })
    await resolveInTest({
      requirements: ['lib'],
      index: { indexUrl: withLogin, extraIndexUrls: [other.url] },
    })
    expect(other.requests.length).toBeGreaterThan(0)
    expect(other.requests.every(({ authorization }) => authorization === undefined)).toBe(true)
  } finally {
    await other.stop()
  }
})

test('further indexes and folders add versions', async () => {
  const other = await PackageIndex.start()
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-test-'))
  try {
    other.addWheel({ name: 'lib', version: '5.0' })
    const settings = { indexUrl: index.url, extraIndexUrls: [other.url], findLinks: [folder] }
    expect(chosen(await resolveInTest({ requirements: ['lib'], index: settings }))).toEqual(['lib 5.0'])
    const { file, bytes } = makeWheel({ name: 'lib', version: '6.0', metadata: ['Requires-Dist: app'] })
    writeFileSync(join(folder, file), bytes)
    expect(chosen(await resolveInTest({ requirements: ['lib'], index: settings }))).toEqual([
      'app 1.0',
      'lib 6.0',
    ])
    const alone = { ...settings, noIndex: true }
    const before = index.requests.length
    expect(await failure(resolveInTest({ requirements: ['lib'], index: alone }))).toMatchObject({
      code: 'PACKAGE_NOT_FOUND',
    })
    expect(index.requests).toHaveLength(before)
  } finally {
    await other.stop()
    rmSync(folder, { recursive: true })
  }
})

test.each(['ftp://host/simple', 'me:secret@host'])('%s is no index, and is not quoted', async (url) => {
  const error = await failure(ask(url))
  expect(error).toMatchObject({ code: 'INVALID_INDEX_URL', kind: 'usage' })
  expect(error.message).not.toContain('secret')
})

test('HTML as it is found: entities, base, single quotes, other links', () => {
  const html = `<html><head><base href="https://mirror/x/"></head><body>
    <a href='../a-1.0-py3-none-any.whl#sha256=${'A'.repeat(64)}' data-requires-python='&gt;=3.9,&lt;4'>a</a>
    <A HREF="https://me:secret@files/a%2B1-2.0.tar.gz" data-yanked>a</A>
    <a href="/">up</a> <a name="x">no</a></body></html>`
  expect(parseHtmlPage(html, new URL('https://index/simple/a/'))).toMatchObject([
    {
      fileName: 'a-1.0-py3-none-any.whl',
      url: 'https://mirror/a-1.0-py3-none-any.whl',
      sha256: 'a'.repeat(64),
      requiresPython: '>=3.9,<4',
      yanked: false,
      metadata: false,
    },
    { fileName: 'a+1-2.0.tar.gz', url: 'https://files/a%2B1-2.0.tar.gz', sha256: undefined, yanked: true },
  ])
})

test('JSON as it is found: an older name of a field, an empty reason, nonsense', () => {
  const file = { filename: 'a-1-py3-none-any.whl', url: 'a.whl', hashes: {}, yanked: '' }
  const text = JSON.stringify({ files: [{ ...file, 'dist-info-metadata': true }, { url: 3 }, {}] })
  expect(parseJsonPage(text, new URL('https://index/simple/a/'))).toMatchObject([
    { url: 'https://index/simple/a/a.whl', yanked: true, metadata: true, sha256: undefined },
  ])
  expect(parseJsonPage('<html>', new URL('https://index/'))).toBeUndefined()
  expect(parseJsonPage('{}', new URL('https://index/'))).toBeUndefined()
})
