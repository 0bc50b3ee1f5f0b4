import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A registry of images with one image in it, for several platforms; docker takes one on 127.0.0.1 without TLS. */
export interface TestRegistry {
  /** `127.0.0.1:PORT/cruddur-test/tiny:1` */
  reference: string
  /** The digest of the list of its platforms. */
  digest: string
  stop(): Promise<void>
}

const LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
const CONFIG = 'application/vnd.docker.container.image.v1+json'
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar'

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** Starts a registry (Docker Registry HTTP API V2, only what a pull needs). The image holds nothing. */
export async function startRegistry(architectures: readonly string[]): Promise<TestRegistry> {
  const blobs = new Map<string, { bytes: Buffer; type: string }>()
  const keep = (type: string, bytes: Buffer) => {
    blobs.set(digestOf(bytes), { bytes, type })
    return { mediaType: type, size: bytes.length, digest: digestOf(bytes) }
  }
  const json = (type: string, value: unknown) => keep(type, Buffer.from(JSON.stringify(value)))
  // A tar with nothing in it: two blocks of zeros.
  const layer = keep(LAYER, Buffer.alloc(1024))
  const manifests = architectures.map((architecture) => {
    const config = json(CONFIG, {
      architecture,
      os: 'linux',
      config: { Entrypoint: ['/nothing'] },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
      history: [{ created: '1970-01-01T00:00:00Z' }],
    })
    const manifest = json(MANIFEST, { schemaVersion: 2, mediaType: MANIFEST, config, layers: [layer] })
    return { ...manifest, platform: { architecture, os: 'linux' } }
  })
  const list = json(LIST, { schemaVersion: 2, mediaType: LIST, manifests })
  const server = createServer((request, response) => {
    const [, kind, name = ''] =
      /^\/v2\/cruddur-test\/tiny\/(manifests|blobs)\/(.+)$/.exec(request.url ?? '') ?? []
    const blob = blobs.get(kind === 'manifests' && name === '1' ? list.digest : name)
    if (request.url === '/v2/') response.end('{}')
    else if (blob === undefined) response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')
    else {
      response.setHeader('content-type', blob.type)
      response.setHeader('docker-content-digest', digestOf(blob.bytes))
      response.setHeader('content-length', blob.bytes.length)
      response.end(request.method === 'HEAD' ? undefined : blob.bytes)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    reference: `127.0.0.1:${(server.address() as AddressInfo).port}/cruddur-test/tiny:1`,
    digest: list.digest,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
