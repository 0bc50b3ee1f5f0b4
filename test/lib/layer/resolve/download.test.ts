import { execFile, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HttpClient } from '../../../../src/lib/layer/http/http-client.ts'
import { downloadWheels, type DownloadOptions } from '../../../../src/lib/layer/resolve/download.ts'
import type { ResolvedWheel } from '../../../../src/lib/layer/resolve/resolution.ts'
import type { ProgressEvent } from '../../../../src/lib/progress.ts'
import { type OfferedFile, PackageIndex } from '../../../support/layer/package-index.ts'
import { failure } from '../../../support/layer/resolve.ts'

const FILE = 'big-1.0-py3-none-any.whl'

let index: PackageIndex
let folder: string
let http: HttpClient
let offered: OfferedFile

beforeEach(async () => {
  index = await PackageIndex.start()
  folder = mkdtempSync(join(tmpdir(), 'cruddur-test-'))
  http = new HttpClient({ pause: 1, retries: 3 })
  offered = index.add({ file: FILE, bytes: randomBytes(300_000) })
})
afterEach(async () => {
  http.close()
  await index.stop()
  rmSync(folder, { recursive: true, force: true })
})

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function wheelOf(one: OfferedFile): ResolvedWheel {
  return {
    fileName: one.file,
    url: index.fileUrl(one),
    sha256: digest(one.bytes),
    size: one.bytes.length,
  }
}

async function fetchOne(options: Partial<DownloadOptions> = {}, wheel = wheelOf(offered)) {
  const [found] = await downloadWheels([wheel], { folder, http, ...options })
  if (!found) throw new Error('nothing came back')
  return found
}

/** Every file below the cache, relative. */
function files(): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .toSorted()
}

const partPath = () => join(folder, digest(offered.bytes), `${FILE}.part`)

test('a file is kept under its hash, and not fetched twice', async () => {
  const first = await fetchOne()
  expect(readFileSync(first.path)).toEqual(offered.bytes)
  expect(first).toMatchObject({ sha256: digest(offered.bytes), size: 300_000, wasCached: false })
  expect(await fetchOne()).toEqual({ ...first, wasCached: true })
  expect(index.downloads).toHaveLength(1)
  expect(files()).toEqual([FILE])
})

test('what lies in the cache is checked, and fetched again when it has changed', async () => {
  const { path } = await fetchOne()
  writeFileSync(path, 'something else')
  expect(await fetchOne()).toMatchObject({ wasCached: false })
  expect(readFileSync(path)).toEqual(offered.bytes)
})

test('a connection that is cut is taken up where it was', async () => {
  index.faults.cut = { after: 100_000, times: 2 }
  const { path } = await fetchOne()
  expect(readFileSync(path)).toEqual(offered.bytes)
  expect(index.downloads).toHaveLength(3)
  const [first, second, third] = index.downloads.map(({ range }) => range)
  expect(first).toBeUndefined()
  expect(second).toMatch(/^bytes=[1-9]\d*-$/)
  expect(third).toMatch(/^bytes=[1-9]\d*-$/)
})

test('cut again and again without a byte: it is given up', async () => {
  index.faults.cut = { after: 0, times: 99 }
  const error = await failure(fetchOne())
  expect(error).toMatchObject({ code: 'INDEX_UNREACHABLE', kind: 'unreachable' })
  expect(error.message).toContain('127.0.0.1')
  expect(index.downloads).toHaveLength(4)
  expect(files()).not.toContain(FILE)
})

test('a later run goes on with what an earlier one left', async () => {
  mkdirSync(join(folder, digest(offered.bytes)))
  writeFileSync(partPath(), offered.bytes.subarray(0, 123_456))
  const { path } = await fetchOne()
  expect(readFileSync(path)).toEqual(offered.bytes)
  expect(index.downloads.map(({ range }) => range)).toEqual(['bytes=123456-'])
})

test.each([
  ['is something else', Buffer.from('x'.repeat(1000))],
  ['is longer than the file', Buffer.alloc(400_000)],
])('what was left %s: it is fetched from the beginning', async (_, left) => {
  mkdirSync(join(folder, digest(offered.bytes)))
  writeFileSync(partPath(), left)
  const { path } = await fetchOne()
  expect(readFileSync(path)).toEqual(offered.bytes)
  expect(files()).toEqual([FILE])
})

test('what was left is whole already', async () => {
  mkdirSync(join(folder, digest(offered.bytes)))
  writeFileSync(partPath(), offered.bytes)
  const { path } = await fetchOne()
  expect(readFileSync(path)).toEqual(offered.bytes)
})

test('a server that sends no parts is asked for the whole', async () => {
  index.faults.noRange = true
  index.faults.cut = { after: 100_000, times: 1 }
  const { path } = await fetchOne()
  expect(readFileSync(path)).toEqual(offered.bytes)
})

test('a server that is overloaded for a moment is asked again', async () => {
  index.faults.failing = { status: 503, times: 2 }
  await fetchOne()
  expect(index.downloads).toHaveLength(3)
})

test('other bytes than promised are not taken, and nothing of them stays', async () => {
  const error = await failure(fetchOne({}, { ...wheelOf(offered), sha256: '0'.repeat(64) }))
  expect(error).toMatchObject({ code: 'DOWNLOAD_CORRUPT', details: { file: FILE } })
  expect(files()).toEqual([])
})

test('a file that is gone is told with its host', async () => {
  const gone = { ...wheelOf(offered), url: `${index.origin}/files/gone.whl` }
  expect(await failure(fetchOne({}, gone))).toMatchObject({
    code: 'DOWNLOAD_FAILED',
    details: { status: 404 },
  })
})

test('without a hash from the index, the one of the bytes counts', async () => {
  const found = await fetchOne({}, { ...wheelOf(offered), sha256: undefined, size: undefined })
  expect(found.sha256).toBe(digest(offered.bytes))
  expect(found.path).toContain(found.sha256)
  expect(files()).toEqual([FILE])
})

test('a file in a folder is used where it is, once it is checked', async () => {
  const path = join(folder, FILE)
  writeFileSync(path, offered.bytes)
  const local = { ...wheelOf(offered), url: pathToFileURL(path).href }
  expect(await fetchOne({}, local)).toMatchObject({ path, size: 300_000 })
  expect(await failure(fetchOne({}, { ...local, sha256: '0'.repeat(64) }))).toMatchObject({
    code: 'DOWNLOAD_CORRUPT',
  })
})

test('four at once, with one progress for all', async () => {
  const many = Array.from({ length: 9 }, (_, at) =>
    index.add({ file: `many${at}-1.0-py3-none-any.whl`, bytes: randomBytes(20_000 + at) }),
  )
  const events: ProgressEvent[] = []
  const found = await downloadWheels(many.map(wheelOf), {
    folder,
    http,
    onProgress: (event) => events.push(event),
  })
  expect(found.map(({ fileName }) => fileName)).toEqual(many.map(({ file }) => file))
  const all = many.reduce((sum, { bytes }) => sum + bytes.length, 0)
  expect(events.at(-1)).toEqual({ type: 'bytes', step: 'download', done: all, total: all })
})

test('Ctrl-C ends it at once, leaves no file under the final name, and the next run goes on', async () => {
  index.faults.slow = 30
  const stop = new AbortController()
  const events: ProgressEvent[] = []
  const running = fetchOne({
    signal: stop.signal,
    onProgress: (event) => {
      events.push(event)
      if (event.type === 'bytes' && event.done > 0) stop.abort()
    },
  })
  expect(await failure(running)).toMatchObject({ code: 'INTERRUPTED' })
  expect(files()).toEqual([`${FILE}.part`])
  index.faults.slow = undefined
  const { path } = await fetchOne()
  expect(readFileSync(path)).toEqual(offered.bytes)
  expect(index.downloads.at(-1)?.range).toMatch(/^bytes=[1-9]/)
})

test('the first failure ends the other downloads', async () => {
  index.faults.slow = 50
  const wrong = { ...wheelOf(offered), url: `${index.origin}/files/gone.whl`, sha256: '0'.repeat(64) }
  const error = await failure(downloadWheels([wheelOf(offered), wrong], { folder, http }))
  expect(error.code).toBe('DOWNLOAD_FAILED')
  const seen = readFileSync(partPath()).length
  expect(seen).toBeLessThan(300_000)
  expect(existsSync(`${partPath()}.lock`)).toBe(false)
})

test('a folder that cannot be written is told', async () => {
  const blocked = join(folder, 'file')
  writeFileSync(blocked, '')
  expect(await failure(fetchOne({ folder: join(blocked, 'cache') }))).toMatchObject({
    code: 'DOWNLOAD_NOT_WRITTEN',
  })
})

test.skipIf(process.platform !== 'linux')(
  'a full disk is told, and nothing is there under the final name',
  async () => {
    // /dev/full takes nothing: the part of the download is a link to it.
    mkdirSync(join(folder, digest(offered.bytes)))
    symlinkSync('/dev/full', partPath())
    const error = await failure(fetchOne())
    expect(error).toMatchObject({ code: 'DOWNLOAD_NOT_WRITTEN' })
    expect(error.message).toContain('the disk is full')
    expect(files()).not.toContain(FILE)
  },
)

const PROGRAM = `
import { HttpClient } from ${JSON.stringify(new URL('../../../../src/lib/layer/http/http-client.ts', import.meta.url).href)}
import { downloadWheels } from ${JSON.stringify(new URL('../../../../src/lib/layer/resolve/download.ts', import.meta.url).href)}
const [wheel, folder] = JSON.parse(process.argv[1])
const http = new HttpClient({ pause: 1 })
await downloadWheels([wheel], { folder, http })
http.close()
`

function program(): string[] {
  return ['--input-type=module', '--eval', PROGRAM, JSON.stringify([wheelOf(offered), folder])]
}

function runProgram(): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, program(), (error) => (error ? reject(error) : resolve()))
  })
}

test('two processes at once get the same whole file', async () => {
  index.faults.slow = 10
  await Promise.all([runProgram(), runProgram(), runProgram()])
  expect(readFileSync(join(folder, digest(offered.bytes), FILE))).toEqual(offered.bytes)
  expect(files()).toEqual([FILE])
})

test('a process that was killed leaves its half, which the next one takes', async () => {
  index.faults.slow = 50
  const child = spawn(process.execPath, program(), { stdio: 'ignore' })
  while (!existsSync(partPath()) || readFileSync(partPath()).length === 0)
    await new Promise((resolve) => setTimeout(resolve, 5))
  child.kill('SIGKILL')
  await new Promise((resolve) => child.on('close', resolve))
  index.faults.slow = undefined
  const { path } = await fetchOne()
  expect(readFileSync(path)).toEqual(offered.bytes)
  expect(index.downloads.at(-1)?.range).toMatch(/^bytes=[1-9]/)
  expect(files()).toEqual([FILE])
})
