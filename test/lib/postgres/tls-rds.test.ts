import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { connect as connectTls, createServer } from 'node:tls'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { machineTlsSources } from '../../../src/lib/postgres/connect.ts'
import { planTls, tlsOptions, type TlsSources } from '../../../src/lib/postgres/tls.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { TlsFiles } from '../../support/tls-files.ts'

const HOST = 'app.cabc123.eu-central-1.rds.amazonaws.com'

/** Regions that most accounts use ("AWS Regions": those on by default). */
const REGIONS = `us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1
  eu-central-1 eu-west-1 eu-west-2 eu-west-3 eu-north-1
  ap-south-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-southeast-1 ap-southeast-2`.split(/\s+/)
const KINDS = ['RSA2048', 'RSA4096', 'ECC384']

let files: TlsFiles

beforeAll(async () => {
  files = new TlsFiles()
  await files.authority('trusted')
  await files.authority('other')
})
afterAll(() => files?.remove())

const target = (host = HOST, parameters = '') => parseConnectionUrl(`postgres://me@${host}/app${parameters}`)

test('the bundle holds the roots that RDS uses now, for each region and kind', async () => {
  const roots = (await machineTlsSources(undefined).rdsRoots()).map((pem) => new X509Certificate(pem))
  const subjects = roots.map(({ subject }) => subject)
  for (const region of REGIONS)
    for (const kind of KINDS)
      expect(subjects, `${region} ${kind}`).toContainEqual(
        expect.stringContaining(`CN=Amazon RDS ${region} Root CA ${kind} G1`),
      )
  const now = new Date()
  const current = roots.filter(({ subject }) => / G1$/m.test(subject))
  expect(current.length).toBeGreaterThanOrEqual(REGIONS.length * KINDS.length)
  expect(current.filter(({ validToDate }) => validToDate < now).map(({ subject }) => subject)).toEqual([])
})

test.each([
  [HOST, '', 'verify-full'],
  ['app.cluster-cabc123.eu-central-1.rds.amazonaws.com', '', 'verify-full'],
  ['APP.CABC123.EU-CENTRAL-1.RDS.AMAZONAWS.COM', '', 'verify-full'],
  ['app.cabc123.rds.cn-north-1.amazonaws.com.cn', '', 'prefer'],
  [HOST, '?sslmode=require', 'verify-ca'],
  [HOST, '?sslmode=verify-ca', 'verify-ca'],
  [HOST, '?sslmode=prefer', 'prefer'],
  [HOST, '?sslmode=disable', 'disable'],
  ['rds.amazonaws.com.example.com', '', 'prefer'],
  ['localhost', '', 'prefer'],
])('%s%s is connected to with %s', async (host, parameters, mode) => {
  const sources = machineTlsSources(undefined)
  const plan = await planTls(target(host, parameters), sources)
  expect(plan.mode).toBe(mode)
  expect(plan.roots).toEqual(mode.startsWith('verify') ? await sources.rdsRoots() : 'none')
})

/** What comes of a handshake with a server that presents a certificate of the authority for the name. */
async function handshake(signedBy: string, name: string, sources: TlsSources): Promise<string> {
  const made = await files.certificate({ commonName: name, names: [`DNS:${name}`], signedBy })
  const server = createServer({ cert: readFileSync(made.certificate), key: readFileSync(made.key) })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const options = tlsOptions(target(), await planTls(target(), sources), sources, false)
  const socket = connectTls({ ...options, host: '127.0.0.1', port })
  try {
    await once(socket, 'secureConnect')
    return 'connected'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'closed'
  } finally {
    socket.destroy()
  }
}

test('a server that calls itself an RDS endpoint is refused if no root of RDS signed it', async () => {
  expect(await handshake('other', HOST, machineTlsSources(undefined))).toMatch(/SELF_SIGNED|UNABLE_TO/)
})

test("with RDS' root it is let in under its own name only", async () => {
  const root = readFileSync(files.path('trusted.crt'), 'utf8')
  const sources = { ...machineTlsSources(undefined), rdsRoots: async () => [root] }
  expect(await handshake('trusted', HOST, sources)).toBe('connected')
  expect(await handshake('trusted', '*.eu-central-1.rds.amazonaws.com', sources)).toMatch(/ALTNAME/)
  expect(await handshake('trusted', HOST.replace('app', 'other'), sources)).toMatch(/ALTNAME/)
  expect(await handshake('other', HOST, sources)).toMatch(/SELF_SIGNED|UNABLE_TO/)
})
