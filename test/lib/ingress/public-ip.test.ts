import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CruddurError, InterruptedError } from '../../../src/lib/errors.ts'
import { findPublicIp, type FindPublicIpOptions, type IpSource } from '../../../src/lib/ingress/public-ip.ts'
import { freePort } from '../../support/free-port.ts'

/** In milliseconds, for sources that are waited for in vain. */
const SHORT = 300

/** In milliseconds, longer than a test may take: whoever waits that long fails. */
const NEVER = 600_000

const NAMES = ['first.example', 'second.example', 'third.example']

/** Something that happens once, and can be waited for. */
function later(): { promise: Promise<void>; resolve: () => void } {
  const happened = new AbortController()
  const promise = once(happened.signal, 'abort').then(() => undefined)
  return { promise, resolve: () => happened.abort() }
}

/** Serves on a free port of 127.0.0.1 until the test is over. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** A source for each listener, with names in their order. */
function sourcesOf(listeners: readonly RequestListener[]): Promise<IpSource[]> {
  return Promise.all(
    listeners.map(async (listener, at) => ({ name: NAMES[at] ?? '', url: await serve(listener) })),
  )
}

async function find(listeners: readonly RequestListener[], options: FindPublicIpOptions = {}) {
  return findPublicIp({ sources: await sourcesOf(listeners), timeout: NEVER, ...options })
}

async function failure(
  listeners: readonly RequestListener[],
  options: FindPublicIpOptions = {},
): Promise<CruddurError> {
  const error = await find(listeners, options).catch((thrown: unknown) => thrown)
  if (error instanceof CruddurError) return error
  throw new Error(`was no error of ours: ${JSON.stringify(error)}`)
}

function says(body: string | Buffer, headers: Record<string, string> = {}): RequestListener {
  return (_, response) => response.writeHead(200, headers).end(body)
}

function status(code: number, body = '5.6.7.8'): RequestListener {
  return (_, response) => response.writeHead(code, '\u0080<b>no</b>').end(body)
}

const hangs: RequestListener = () => undefined
/** What has come looks like an address, and may be the beginning of another one. */
const hangsWithinTheBody: RequestListener = (_, response) => response.write('5.6.7.8')
const resets: RequestListener = ({ socket }) => socket.resetAndDestroy()
const breaksOff: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': '8' }).write('5.6.7.', () => response.destroy())
}
const noHttp: RequestListener = ({ socket }) => socket.end('\u001B[2J5.6.7.8\r\n\r\n')
/** To an address that answers, on the same host. */
const redirects: RequestListener = ({ url }, response) =>
  url === '/' ? response.writeHead(302, { location: '/login' }).end('5.6.7.8') : response.end('5.6.7.8')

function pour(response: ServerResponse): void {
  while (!response.destroyed && response.write('5.6.7.8\n'.repeat(1000)));
}
const neverEnds: RequestListener = (_, response) => {
  response.on('drain', () => pour(response))
  pour(response)
}
const bomb = says(gzipSync(' '.repeat(10_000_000)), { 'content-encoding': 'gzip' })
const html = says(
  `<!doctype html><title>\u001B]0;Hotel\u0007</title>5.6.7.8<p>Log in${' to go on'.repeat(50)}`,
  {
    'content-type': 'text/html',
  },
)

test.each<[string, string, RequestListener[]]>([
  ['three agree', '5.6.7.8', [says('5.6.7.8'), says('5.6.7.8'), says('5.6.7.8')]],
  ['a line break behind', '5.6.7.8', [says('5.6.7.8\n'), says('5.6.7.8'), hangs]],
  ['just 1 KB', '5.6.7.8', [says('5.6.7.8'.padEnd(1024)), says('5.6.7.8'), hangs]],
  ['the first hangs', '5.6.7.8', [hangs, says('5.6.7.8'), says('5.6.7.8')]],
  ['the second hangs within its body', '5.6.7.8', [says('5.6.7.8'), hangsWithinTheBody, says('5.6.7.8')]],
  ['one resets', '5.6.7.8', [says('5.6.7.8'), resets, says('5.6.7.8')]],
  ['one breaks off', '5.6.7.8', [says('5.6.7.8'), breaksOff, says('5.6.7.8')]],
  ['one is a web page', '5.6.7.8', [html, says('5.6.7.8'), says('5.6.7.8')]],
  ['one is out of order', '5.6.7.8', [says('5.6.7.8'), says('5.6.7.8'), status(503)]],
  ['one redirects', '5.6.7.8', [redirects, says('5.6.7.8'), says('5.6.7.8')]],
  ['one never ends', '5.6.7.8', [says('5.6.7.8'), neverEnds, says('5.6.7.8')]],
  ['one says nothing', '5.6.7.8', [says('5.6.7.8'), says('5.6.7.8'), says('')]],
  ['two say IPv6', '2a00:1450::1', [says('2a00:1450::1'), says('2a00:1450:0:0::1\n'), says('5.6.7.8')]],
  ['one says IPv6', '5.6.7.8', [says('5.6.7.8'), says('2a00:1450::1'), says('5.6.7.8')]],
  ['IPv4 as IPv6', '5.6.7.8', [says('::ffff:5.6.7.8'), says('5.6.7.8'), hangs]],
])('two that agree are believed: %s', async (_, text, listeners) => {
  const found = await find(listeners)
  expect(found.address).toEqual({ text, family: text.includes(':') ? 'IPv6' : 'IPv4' })
  expect(found.warnings).toEqual([])
  expect(found.answers.filter(({ address }) => address?.text === text).length).toBeGreaterThanOrEqual(2)
})

test.each([0, 1, 2])('who says something else before two agree is named: source %i', async (dissenter) => {
  const gone = later()
  const dissents: RequestListener = ({ socket }, response) => {
    socket.on('close', () => gone.resolve())
    response.writeHead(200, { connection: 'close' }).end('8.8.4.4')
  }
  // The others answer when the first answer has arrived.
  const agrees: RequestListener = (_, response) => {
    void gone.promise.then(() => response.end('5.6.7.8'))
  }
  const found = await find(NAMES.map((_, at) => (at === dissenter ? dissents : agrees)))
  const [one, other] = NAMES.filter((_, at) => at !== dissenter)
  expect(found.address.text).toBe('5.6.7.8')
  expect(found.warnings).toEqual([
    `${NAMES[dissenter]} says 8.8.4.4, but ${one} and ${other} say 5.6.7.8, which is used.`,
  ])
  expect(found.answers.map(({ source }) => source)).toEqual(NAMES)
})

test('a third one is not waited for when two agree, and its request is given up', async () => {
  const givenUp = later()
  const slow: RequestListener = ({ socket }) => socket.on('close', () => givenUp.resolve())
  const found = await find([says('5.6.7.8'), slow, says('5.6.7.8')])
  await givenUp.promise
  expect(found.answers).toEqual([
    { source: 'first.example', address: { text: '5.6.7.8', family: 'IPv4' }, problem: undefined },
    { source: 'third.example', address: { text: '5.6.7.8', family: 'IPv4' }, problem: undefined },
  ])
})

test.each<[string, string, RequestListener[]]>([
  [
    'three addresses',
    'first.example: 5.6.7.8; second.example: 8.8.4.4; third.example: 1.1.1.1',
    [says('5.6.7.8'), says('8.8.4.4'), says('1.1.1.1')],
  ],
  [
    'two addresses and none',
    'first.example: 5.6.7.8; second.example: HTTP 503; third.example: 8.8.4.4',
    [says('5.6.7.8'), status(503), says('8.8.4.4')],
  ],
  [
    'one address of each family',
    'first.example: 5.6.7.8; second.example: not an address; third.example: 2a00:1450::1',
    [says('5.6.7.8'), html, says('2a00:1450::1')],
  ],
])('no two that agree are an error: %s', async (_, said, listeners) => {
  const error = await failure(listeners)
  expect(error).toMatchObject({ code: 'PUBLIC_IP_UNCLEAR', kind: 'unreachable' })
  expect(error.message).toBe(`No two sources agree on your public IP address (${said}). Nothing was changed.`)
  expect(error.hint).toContain('--ip ADDRESS')
})

test.each<[string, string, RequestListener, number?]>([
  ['it hangs', 'no answer within 0.3 s', hangs, SHORT],
  ['it hangs within its body', 'no answer within 0.3 s', hangsWithinTheBody, SHORT],
  ['it resets', 'connection failed (', resets],
  ['it breaks off', 'connection failed (', breaksOff],
  ['it does not speak HTTP', 'connection failed', noHttp],
  ['it is out of order', 'HTTP 503', status(503)],
  ['it found nothing', 'HTTP 404', status(404)],
  ['its success is another one', 'HTTP 203', status(203)],
  ['it redirects', 'a redirect', redirects],
  ['it never ends', 'more than 1 KB, not an address', neverEnds],
  ['it says too much', 'more than 1 KB, not an address', says('5.6.7.8'.padEnd(1025))],
  ['it is much larger than it looks', 'more than 1 KB, not an address', bomb],
  ['it says nothing', 'an empty answer', says('')],
  ['it says white space', 'an empty answer', says(' \r\n')],
  ['it is a web page', 'not an address', html],
  ['it says two addresses', 'not an address', says('5.6.7.8, 5.6.7.8')],
  ['it says leading zeros', 'not an address', says('005.006.007.008')],
  ['it says a short form', 'not an address', says('5.6.8')],
  ['it says a zone', 'not an address', says('fe80::1%eth0')],
  ['it says a range', 'not an address', says('5.6.7.8/32')],
  ['it says a control character', 'not an address', says('5.6.7.8\u001B[0m')],
  ['it says UTF-16', 'not an address', says(Buffer.from('5.6.7.8', 'utf16le'))],
])(
  'an answer does not count, and its text is not repeated: %s',
  async (_, problem, listener, timeout = NEVER) => {
    const error = await failure([listener, listener, listener], { timeout })
    expect(error).toMatchObject({
      code: 'PUBLIC_IP_UNKNOWN',
      kind: 'unreachable',
      hint: 'Name it, if you know it: --ip ADDRESS',
    })
    const said = NAMES.map((name) => `${name}: ${problem}`)
    expect(error.message.startsWith(`Could not learn your public IP address (${said[0]}`)).toBe(true)
    for (const one of said) expect(error.message).toContain(one)
    expect(error.message).toMatch(/^[ -~]{1,400}$/)
    expect(JSON.stringify(error.details)).not.toContain('5.6.7.8')
  },
)

/** As that of Node 22.13 does when garbage is collected. */
const forgetful: typeof fetch = (url, options) => fetch(url, { ...options, signal: null })

test.each<[string, string, RequestListener, number?]>([
  ['it hangs within its body', 'no answer within 0.3 s', hangsWithinTheBody, SHORT],
  ['it never ends', 'more than 1 KB, not an address', neverEnds],
  ['it is out of order', 'HTTP 503', (_, response) => response.writeHead(503).write('5.6.7.8')],
])(
  'no request outlives a fetch that forgets its signal: %s',
  async (_, problem, listener, timeout = NEVER) => {
    const ends = NAMES.map(() => later())
    const listeners = ends.map(({ resolve }): RequestListener => (request, response) => {
      request.socket.on('close', resolve)
      listener(request, response)
    })
    expect((await failure(listeners, { timeout, fetch: forgetful })).message).toContain(problem)
    await Promise.all(ends.map(({ promise }) => promise))
  },
)

test('one source alone is not believed', async () => {
  const error = await failure([says('5.6.7.8'), status(503), says('')])
  expect(error.code).toBe('PUBLIC_IP_UNKNOWN')
  expect(error.message).toBe(
    'Could not learn your public IP address: one source alone is not enough (first.example: 5.6.7.8; ' +
      'second.example: HTTP 503; third.example: an empty answer). Nothing was changed.',
  )
})

test('a source where nobody listens', async () => {
  const url = `http://127.0.0.1:${await freePort()}/`
  const sources = NAMES.map((name) => ({ name, url }))
  await expect(findPublicIp({ sources, timeout: NEVER })).rejects.toThrow('connection failed (ECONNREFUSED)')
})

test.each([
  ['10.9.8.7', 'it is a private address (RFC 1918)'],
  ['100.72.3.4', 'it is shared by carrier-grade NAT (100.64.0.0/10, RFC 6598)'],
  ['127.0.0.1', 'it is a loopback address'],
  ['203.0.113.7', 'it is an example for documentation'],
  ['fd00::1', 'it is a unique local address'],
])('an address that cannot be public is not used: %s', async (text, reason) => {
  const error = await failure([says(text), hangs, says(text)])
  expect(error).toMatchObject({ code: 'NOT_A_PUBLIC_IP', kind: 'unreachable' })
  expect(error.message).toContain(
    `first.example and third.example say that your address is ${text}, but ${reason}`,
  )
  expect(error.message).toMatch(/Nothing was changed\.$/)
})

test('nobody is asked when the signal was aborted before', async () => {
  const asked: string[] = []
  const listener: RequestListener = ({ url }, response) => {
    asked.push(url ?? '')
    response.end('5.6.7.8')
  }
  await expect(find([listener, listener], { signal: AbortSignal.abort() })).rejects.toThrow(InterruptedError)
  expect(asked).toEqual([])
})

test('the signal ends the wait, and all requests', async () => {
  const stop = new AbortController()
  const closed = [later(), later()]
  let asked = 0
  const listener: RequestListener = ({ socket }) => {
    socket.on('close', closed[asked]?.resolve ?? (() => undefined))
    asked += 1
    if (asked === 2) stop.abort()
  }
  await expect(find([listener, listener], { signal: stop.signal })).rejects.toThrow(InterruptedError)
  await Promise.all(closed.map(({ promise }) => promise))
})

test('three services are asked over HTTPS unless others are named', async () => {
  const asked: string[] = []
  const { answers } = await findPublicIp({
    fetch: async (url) => {
      asked.push(url as string)
      return new Response('5.6.7.8\n')
    },
  })
  expect(asked).toEqual(['https://checkip.amazonaws.com', 'https://api.ipify.org', 'https://icanhazip.com'])
  expect(answers.length).toBeGreaterThanOrEqual(2)
})

describe('a machine that has only IPv6', () => {
  const V6 = '2a00:1450::1'

  /** One source answers, and the one for IPv6 as it is told. */
  const alone = async (listener: RequestListener, others: RequestListener = resets) =>
    findPublicIp({
      sources: await sourcesOf([others, others, says(V6)]),
      ipv6Source: { name: 'v6.example', url: await serve(listener) },
      timeout: NEVER,
    })

  test('is believed when the source for IPv6 agrees', async () => {
    expect(await alone(says(`${V6}\n`))).toMatchObject({
      address: { text: V6, family: 'IPv6' },
      warnings: [],
      answers: [{}, {}, { source: 'third.example' }, { source: 'v6.example' }],
    })
  })

  test.each([
    ['says something else', says('2a00:1450::2'), 'PUBLIC_IP_UNCLEAR'],
    ['fails', status(503), 'PUBLIC_IP_UNKNOWN'],
  ])('is not when that %s', async (_, listener, code) => {
    await expect(alone(listener)).rejects.toMatchObject({ code })
  })

  test('is not taken for one where anybody has answered over IPv4', async () => {
    let asked = false
    const listener: RequestListener = (_, response) => {
      asked = true
      response.end(V6)
    }
    await expect(alone(listener, says('5.6.7.8'))).resolves.toMatchObject({ address: { text: '5.6.7.8' } })
    const sources = await sourcesOf([says('5.6.7.8'), resets, resets])
    const ipv6Source = { name: 'v6.example', url: await serve(listener) }
    await expect(findPublicIp({ sources, ipv6Source, timeout: NEVER })).rejects.toMatchObject({
      code: 'PUBLIC_IP_UNKNOWN',
    })
    expect(asked).toBe(false)
  })
})
