import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageIndexSettings } from '../../../src/lib/config/package-index.ts'
import { caught } from '../../support/layer/caught.ts'

const read = (environment: Record<string, string>) => packageIndexSettings((name) => environment[name])

test('nothing is set', () => {
  expect(read({ PIP_INDEX_URL: '' })).toEqual({
    index: { indexUrl: undefined, extraIndexUrls: [], findLinks: [], noIndex: false },
    network: { proxies: { http: undefined, https: undefined, none: undefined }, ca: undefined },
  })
})

test('variables of pip and of uv', () => {
  expect(
    read({
      PIP_INDEX_URL: 'https://pip/simple',
      UV_DEFAULT_INDEX: 'https://uv/simple',
      PIP_EXTRA_INDEX_URL: 'https://a/simple  https://b/simple',
      UV_INDEX: 'internal=https://me:a=b@c/simple',
      PIP_FIND_LINKS: '/one /two',
      UV_FIND_LINKS: '/three,/four',
      PIP_NO_INDEX: 'true',
    }).index,
  ).toEqual({
    indexUrl: 'https://pip/simple',
    extraIndexUrls: ['https://a/simple', 'https://b/simple', 'https://me:a=b@c/simple'],
    findLinks: ['/one', '/two', '/three', '/four'],
    noIndex: true,
  })
  expect(read({ UV_INDEX_URL: 'https://uv/simple' }).index.indexUrl).toBe('https://uv/simple')
})

test('proxies', () => {
  const { proxies } = read({
    HTTPS_PROXY: 'p:1',
    http_proxy: 'p:2',
    no_proxy: 'x',
    HTTP_PROXY: 'evil',
  }).network
  expect(proxies).toEqual({ https: 'p:1', http: 'p:2', none: 'x' })
})

test('certificates of all files that are named, each once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-test-'))
  try {
    const [a, b] = [join(folder, 'a.pem'), join(folder, 'b.pem')]
    writeFileSync(a, 'A')
    writeFileSync(b, 'B')
    expect(read({ PIP_CERT: a, SSL_CERT_FILE: b, NODE_EXTRA_CA_CERTS: a }).network.ca).toBe('A\nB')
    expect(caught(() => read({ PIP_CERT: join(folder, 'gone') }))).toMatchObject({
      code: 'CA_FILE_NOT_READABLE',
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
