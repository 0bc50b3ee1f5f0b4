import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect, type Server as PlainServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HttpClient, type NetworkSettings } from '../../../../src/lib/layer/http/http-client.ts'
import { proxyFor } from '../../../../src/lib/layer/http/proxy.ts'
import { readBody } from '../../../../src/lib/layer/http/read-body.ts'
import { failure } from '../../../support/layer/resolve.ts'
import { requireTools } from '../../../conformance/harness/tools.ts'

let folder: string
let secure: Server | undefined
let plain: Server
let proxy: Server
let ca = ''
let missing = ''
const asked: string[] = []
const logins: (string | undefined)[] = []

const portOf = (server: PlainServer | Server) => (server.address() as AddressInfo).port
const listen = (server: Server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cruddur-test-'))
  plain = createServer((request, response) => {
    if (request.url === '/circle') response.writeHead(302, { location: '/circle' }).end()
    else if (request.url === '/moved') response.writeHead(301, { location: '/here' }).end()
    else if (request.url !== '/silent') response.end(`plain ${request.url}`)
  })
  proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    logins.push(request.headers['proxy-authorization'])
    response.end('from the proxy')
  })
  proxy.on('connect', (request, socket, head) => {
    asked.push(`CONNECT ${request.url}`)
    logins.push(request.headers['proxy-authorization'])
    const target = connect(portOf(secure as Server), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      target.write(head)
      target.pipe(socket).pipe(target)
    })
    target.on('error', () => socket.destroy())
    socket.on('error', () => target.destroy())
  })
  await Promise.all([listen(plain), listen(proxy)])
  const key = join(folder, 'key.pem')
  const certificate = join(folder, 'certificate.pem')
  try {
    const names = 'subjectAltName=DNS:localhost,DNS:index.example,IP:127.0.0.1'
    const args = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=test',
      '-addext',
      names,
    ]
    execFileSync('openssl', [...args, '-keyout', key, '-out', certificate], { stdio: 'ignore' })
    ca = readFileSync(certificate, 'utf8')
    secure = createSecureServer({ key: readFileSync(key), cert: ca }, (request, response) => {
      if (request.url === '/down') response.writeHead(302, { location: `http://127.0.0.1:${portOf(plain)}/` })
      response.end(`secure ${request.url}`)
    })
    await listen(secure)
  } catch {
    missing = 'there is no openssl, which makes the certificate'
  }
})
afterAll(() => {
  for (const server of [plain, proxy, secure]) server?.closeAllConnections()
  for (const server of [plain, proxy, secure]) server?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function get(url: string, settings: NetworkSettings = {}): Promise<string> {
  const client = new HttpClient({ retries: 0, pause: 1, ...settings })
  try {
    const answer = await client.get(new URL(url))
    return (await readBody(answer, 1_000_000)).toString()
  } finally {
    client.close()
  }
}

const plainUrl = (path: string) => `http://127.0.0.1:${portOf(plain)}${path}`

test('follows a redirect, but not in circles', async () => {
  expect(await get(plainUrl('/moved'))).toContain('plain /here')
  expect((await failure(get(plainUrl('/circle')))).message).toContain('redirects in circles')
})

test('a server that says nothing is given up', async () => {
  const error = await failure(get(plainUrl('/silent'), { timeout: 50 }))
  expect(error).toMatchObject({ code: 'INDEX_UNREACHABLE', kind: 'unreachable' })
})

test('a body may be only so large', async () => {
  const client = new HttpClient()
  const answer = await client.get(new URL(plainUrl('/large')))
  expect(await failure(readBody(answer, 5))).toMatchObject({ code: 'INDEX_ANSWER_INVALID' })
  client.close()
})

test('without TLS the proxy is asked for the whole URL, with its login', async () => {
  const settings = { proxies: { http: `http://me:p%40ss@127.0.0.1:${portOf(proxy)}` } }
  expect(await get('http://index.example/simple/', settings)).toBe('from the proxy')
  expect(asked.at(-1)).toBe('GET http://index.example/simple/')
  expect(logins.at(-1)).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`)
})

test('with TLS it goes through the proxy by CONNECT', async ({ skip }) => {
  if (missing) requireTools(missing, skip)
  const settings = { ca, proxies: { https: `http://me:secret@127.0.0.1:${portOf(proxy)}` } }
  expect(await get('https://index.example/simple/', settings)).toBe('secure /simple/')
  expect(asked.at(-1)).toBe('CONNECT index.example:443')
  expect(logins.at(-1)).toMatch(/^Basic /)
})

test('an authority that is not known is refused, with what to do; a given one counts', async ({ skip }) => {
  if (missing) requireTools(missing, skip)
  const url = `https://localhost:${portOf(secure as Server)}/x`
  const error = await failure(get(url))
  expect(error.message).toContain('signed by an authority that is not known here')
  expect(error.hint).toContain('PIP_CERT')
  expect(await get(url, { ca })).toBe('secure /x')
})

test('it does not go from TLS to none', async ({ skip }) => {
  if (missing) requireTools(missing, skip)
  const error = await failure(get(`https://localhost:${portOf(secure as Server)}/down`, { ca }))
  expect(error.message).toContain('where no TLS is')
})

test.each([
  ['https://pypi.org/', { https: 'http://proxy:1' }, 'http://proxy:1/'],
  ['https://pypi.org/', { https: 'proxy:1' }, 'http://proxy:1/'],
  ['https://pypi.org/', { http: 'http://proxy:1' }, undefined],
  ['https://a.corp.example/', { https: 'http://proxy:1', none: 'x, .corp.example' }, undefined],
  ['https://a.corp.example/', { https: 'http://proxy:1', none: 'corp.example' }, undefined],
  ['https://notcorp.example/', { https: 'http://proxy:1', none: 'corp.example' }, 'http://proxy:1/'],
  ['https://a.example:8443/', { https: 'http://proxy:1', none: 'a.example:443' }, 'http://proxy:1/'],
  ['https://a.example/', { https: 'http://proxy:1', none: 'a.example:443' }, undefined],
  ['https://a.example/', { https: 'http://proxy:1', none: '*' }, undefined],
])('%s with %j', (url, settings, expected) => {
  expect(proxyFor(new URL(url), settings)?.href).toBe(expected)
})
