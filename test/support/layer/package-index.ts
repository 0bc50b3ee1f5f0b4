import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MemorySource } from '../../../src/lib/layer/byte-source.ts'
import { metadataOf as metadataIn } from '../../../src/lib/layer/resolve/remote-metadata.ts'
import { normalizeName } from '../../../src/lib/layer/python/package-name.ts'
import { ZipArchive } from '../../../src/lib/layer/zip/read-zip.ts'
import { makeWheel, type WheelOptions } from './make-wheel.ts'

/** A file that the index offers. */
export interface OfferedFile {
  file: string
  bytes: Buffer
  /** As in METADATA. */
  requiresPython?: string
  yanked?: boolean
  /** The hash that the index says, when it is to be another one than that of the bytes; `''` for none. */
  sha256?: string
}

/** What the index does wrong, or differently. */
export interface IndexFaults {
  /** No JSON (PEP 691), as older indexes. */
  htmlOnly?: boolean
  /** No METADATA beside wheels (PEP 658). */
  noMetadata?: boolean
  /** Files are sent as a whole, whatever part was asked for. */
  noRange?: boolean
  /** So many bytes of a file are sent before the connection is cut, this often. */
  cut?: { after: number; times: number }
  /** This often, whatever is asked for is answered with the status. */
  failing?: { status: number; times: number }
  /** `user:password` without which nobody gets anything. */
  login?: string
  /** Milliseconds between pieces of a file. */
  slow?: number | undefined
}

/** A request as the index saw it. */
export interface SeenRequest {
  path: string
  range: string | undefined
  authorization: string | undefined
}

/** A package index on the loopback, over real HTTP. */
export class PackageIndex {
  readonly faults: IndexFaults = {}
  readonly requests: SeenRequest[] = []
  readonly #server: Server
  readonly #files: OfferedFile[] = []

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  static async start(): Promise<PackageIndex> {
    const index = new PackageIndex()
    await new Promise<void>((resolve) => index.#server.listen(0, '127.0.0.1', resolve))
    return index
  }

  /** Where it is: `http://127.0.0.1:PORT`. */
  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** What is given as `--index-url`. */
  get url(): string {
    return `${this.origin}/simple`
  }

  /** Makes a wheel and offers it. */
  addWheel(options: WheelOptions, extra: Partial<OfferedFile> = {}): OfferedFile {
    const python = extra.requiresPython === undefined ? [] : [`Requires-Python: ${extra.requiresPython}`]
    const { file, bytes } = makeWheel({ ...options, metadata: [...python, ...(options.metadata ?? [])] })
    return this.add({ file, bytes, ...extra })
  }

  /** Offers a file. */
  add(offered: OfferedFile): OfferedFile {
    this.#files.push(offered)
    return offered
  }

  /** Where a file is. */
  fileUrl({ file }: OfferedFile): string {
    return `${this.origin}/files/${encodeURIComponent(file)}`
  }

  /** Requests for files, without pages and METADATA. */
  get downloads(): SeenRequest[] {
    return this.requests.filter(({ path }) => path.startsWith('/files/') && !path.endsWith('.metadata'))
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(new URL(request.url ?? '/', this.origin).pathname)
    const { range, authorization } = request.headers
    this.requests.push({ path, range, authorization })
    const { failing, login } = this.faults
    if (failing && failing.times > 0) {
      failing.times--
      return void response.writeHead(failing.status).end()
    }
    const expected = login && `Basic ${Buffer.from(login).toString('base64')}`
    if (expected && authorization !== expected) return void response.writeHead(401).end()
    if (path.startsWith('/simple/')) return this.#page(path, request, response)
    const name = path.replace('/files/', '')
    const beside = this.#files.find(({ file }) => name === `${file}.metadata`)
    if (beside && !this.faults.noMetadata) return void response.end(metadataOf(beside))
    const found = this.#files.find(({ file }) => name === file)
    if (!found) return void response.writeHead(404).end()
    this.#send(found, request, response)
  }

  #page(path: string, request: IncomingMessage, response: ServerResponse): void {
    const name = path.split('/')[2] ?? ''
    const files = this.#files.filter(({ file }) => normalizeName(file.split('-', 1)[0] ?? '') === name)
    if (files.length === 0) return void response.writeHead(404).end()
    const isJson = !this.faults.htmlOnly && request.headers.accept?.includes('json')
    const type = isJson ? 'application/vnd.pypi.simple.v1+json' : 'text/html; charset=utf-8'
    response.writeHead(200, { 'content-type': type })
    response.end(isJson ? this.#json(name, files) : this.#html(files))
  }

  #json(name: string, files: readonly OfferedFile[]): string {
    return JSON.stringify({
      meta: { 'api-version': '1.1' },
      name,
      files: files.map((one) => ({
        filename: one.file,
        url: `../../files/${encodeURIComponent(one.file)}`,
        hashes: hashOf(one) === '' ? {} : { sha256: hashOf(one) },
        size: one.bytes.length,
        ...(one.requiresPython && { 'requires-python': one.requiresPython }),
        yanked: one.yanked ? 'broken' : false,
        'core-metadata': this.#hasMetadata(one) && { sha256: digest(metadataOf(one)) },
      })),
    })
  }

  #html(files: readonly OfferedFile[]): string {
    const links = files.map((one) => {
      const hash = hashOf(one) === '' ? '' : `#sha256=${hashOf(one)}`
      const python = one.requiresPython?.replaceAll('<', '&lt;').replaceAll('>', '&gt;')
      return [
        `<a href="../../files/${encodeURIComponent(one.file)}${hash}"`,
        python && `data-requires-python="${python}"`,
        one.yanked && 'data-yanked=""',
        this.#hasMetadata(one) && `data-core-metadata="sha256=${digest(metadataOf(one))}"`,
      ]
        .filter(Boolean)
        .join(' ')
        .concat(`>${one.file}</a><br/>`)
    })
    return `<!DOCTYPE html><html><body>${links.join('\n')}</body></html>`
  }

  #hasMetadata({ file }: OfferedFile): boolean {
    return !this.faults.noMetadata && file.endsWith('.whl')
  }

  #send({ bytes }: OfferedFile, request: IncomingMessage, response: ServerResponse): void {
    const part = this.faults.noRange ? undefined : partOf(request.headers.range, bytes.length)
    if (part && part.start >= bytes.length)
      return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
    const body = part ? bytes.subarray(part.start, part.end) : bytes
    response.writeHead(part ? 206 : 200, {
      'content-length': body.length,
      ...(part && { 'content-range': `bytes ${part.start}-${part.end - 1}/${bytes.length}` }),
    })
    const { cut, slow } = this.faults
    if (cut && cut.times > 0) {
      cut.times--
      response.write(body.subarray(0, cut.after), () => response.socket?.destroy())
    } else if (slow === undefined) response.end(body)
    else trickle(body, response, slow)
  }
}

/** Sends a body in small pieces. */
function trickle(body: Buffer, response: ServerResponse, pause: number): void {
  const size = Math.max(1, Math.ceil(body.length / 20))
  const send = (at: number): void => {
    if (response.destroyed) return
    if (at >= body.length) return void response.end()
    response.write(body.subarray(at, at + size))
    setTimeout(() => send(at + size), pause)
  }
  send(0)
}

function partOf(range: string | undefined, size: number): { start: number; end: number } | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? []
  if (from === '' && to === '') return undefined
  if (from === '') return { start: Math.max(0, size - Number(to)), end: size }
  return { start: Number(from), end: to === '' ? size : Math.min(Number(to) + 1, size) }
}

function hashOf({ sha256, bytes }: OfferedFile): string {
  return sha256 ?? digest(bytes)
}

function digest(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function metadataOf({ file, bytes }: OfferedFile): string {
  return metadataIn(new ZipArchive(new MemorySource(bytes), file)) ?? ''
}
