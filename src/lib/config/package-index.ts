import { readFileSync } from 'node:fs'
import { UsageError } from '../errors.ts'

/** What the environment says of Python's package indexes, and of the way to them. URLs may hold logins. */
export interface PackageIndexSettings {
  index: {
    indexUrl: string | undefined
    extraIndexUrls: string[]
    findLinks: string[]
    noIndex: boolean
  }
  network: {
    proxies: { http: string | undefined; https: string | undefined; none: string | undefined }
    /** Certificates in PEM that count besides Node's own ones. */
    ca: string | undefined
  }
}

/**
 * Files with certificates, as pip, uv, OpenSSL, Requests and Node call them. All that are set count. Node reads the last one by
 * itself, but forgets it once others are given.
 */
const CERTIFICATES = [
  'PIP_CERT',
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
] as const

/**
 * Reads where packages come from, by the names that pip and uv have for it; pip's come first.
 * @param find a variable of the environment or of `.env`; empty ones count as not set
 * @throws {UsageError} `CA_FILE_NOT_READABLE`
 */
export function packageIndexSettings(find: (name: string) => string | undefined): PackageIndexSettings {
  const first = (...names: string[]) => names.map(find).find((value) => value) ?? undefined
  const list = (name: string, separator: RegExp) => (find(name) ?? '').split(separator).filter(Boolean)
  return {
    index: {
      indexUrl: first('PIP_INDEX_URL', 'UV_DEFAULT_INDEX', 'UV_INDEX_URL'),
      extraIndexUrls: [
        ...list('PIP_EXTRA_INDEX_URL', /\s+/),
        ...list('UV_EXTRA_INDEX_URL', /\s+/),
        // With or without a name: `internal=https://host/simple`.
        ...list('UV_INDEX', /\s+/).map((index) => index.replace(/^[\w.-]+=/, '')),
      ],
      findLinks: [...list('PIP_FIND_LINKS', /\s+/), ...list('UV_FIND_LINKS', /,/)],
      noIndex: /^(?:1|true|yes|on)$/i.test(first('PIP_NO_INDEX', 'UV_NO_INDEX') ?? ''),
    },
    network: {
      proxies: {
        // Not HTTP_PROXY: a web server sets that from a header of a request (httpoxy), so curl reads the small one only.
        http: first('http_proxy', 'ALL_PROXY', 'all_proxy'),
        https: first('HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'),
        none: first('NO_PROXY', 'no_proxy'),
      },
      ca: certificates(find),
    },
  }
}

function certificates(find: (name: string) => string | undefined): string | undefined {
  const files = new Map<string, string>()
  for (const name of CERTIFICATES) {
    const path = find(name)
    if (path && !files.has(path)) files.set(path, name)
  }
  if (files.size === 0) return undefined
  return [...files].map(([path, name]) => readCertificates(path, name)).join('\n')
}

function readCertificates(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`"${path}", which ${name} names, cannot be read.`, {
      code: 'CA_FILE_NOT_READABLE',
      hint: `Correct ${name}, or unset it.`,
      details: { variable: name, path },
      cause: error,
    })
  }
}
