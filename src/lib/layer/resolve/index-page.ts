import type { IndexFile } from './index-file.ts'

/** What a file is called in the JSON of an index (PEP 691, PEP 700). */
interface JsonFile {
  filename?: unknown
  url?: unknown
  hashes?: Record<string, unknown>
  size?: unknown
  'requires-python'?: unknown
  yanked?: unknown
  'core-metadata'?: unknown
  'dist-info-metadata'?: unknown
  'upload-time'?: unknown
}

/**
 * The files of a project's page in JSON (PEP 691).
 * @returns `undefined` if it is not such a page
 */
export function parseJsonPage(text: string, base: URL): IndexFile[] | undefined {
  let page: { files?: unknown }
  try {
    page = JSON.parse(text) as { files?: unknown }
  } catch {
    return undefined
  }
  if (!Array.isArray(page.files)) return undefined
  return (page.files as JsonFile[]).flatMap((file) => {
    const url = URL.parse(String(file.url), base.href)
    if (typeof file.filename !== 'string' || !url) return []
    return {
      fileName: file.filename,
      url: bare(url),
      sha256: hexDigest(file.hashes?.['sha256']),
      size: typeof file.size === 'number' ? file.size : undefined,
      requiresPython: textOf(file['requires-python']),
      // A reason is a text, and it may be empty.
      yanked: file.yanked !== undefined && file.yanked !== false,
      metadata: metadataOf(file['core-metadata'] ?? file['dist-info-metadata']),
      uploaded: textOf(file['upload-time']),
    }
  })
}

function metadataOf(value: unknown): IndexFile['metadata'] {
  if (typeof value !== 'object' || value === null) return value === true
  const sha256 = hexDigest((value as Record<string, unknown>)['sha256'])
  return sha256 === undefined ? true : { sha256 }
}

const ANCHOR = /<a\s([^>]*)>([^<]*)<\/a>/gi
const ATTRIBUTE = /([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g
const BASE = /<base\s[^>]*href\s*=\s*["']?([^"'\s>]+)/i

/** The files of a project's page in HTML (PEP 503, with what PEP 592, 658 and 714 added), or of any page with links. */
export function parseHtmlPage(text: string, page: URL): IndexFile[] {
  const base = URL.parse(unescapeHtml(BASE.exec(text)?.[1] ?? ''), page.href) ?? page
  return [...text.matchAll(ANCHOR)].flatMap(([, attributes = '']) => {
    const values = new Map(
      [...attributes.matchAll(ATTRIBUTE)].map(([, name = '', double, single, plain]) => [
        name.toLowerCase(),
        unescapeHtml(double ?? single ?? plain ?? ''),
      ]),
    )
    const url = URL.parse(values.get('href') ?? '', base.href)
    if (!url || !values.has('href')) return []
    const fileName = decodeURIComponent(url.pathname.split('/').at(-1) ?? '')
    if (!/\.(?:whl|tar\.gz|tgz|zip|tar\.bz2|tar\.xz)$/i.test(fileName)) return []
    const metadata = values.get('data-core-metadata') ?? values.get('data-dist-info-metadata')
    const sha256 = hexDigest(/^sha256=(\w+)$/i.exec(metadata ?? '')?.[1])
    return {
      fileName,
      url: bare(url),
      sha256: hexDigest(/(?:^#|&)sha256=(\w+)/i.exec(url.hash)?.[1]),
      size: undefined,
      requiresPython: values.get('data-requires-python') || undefined,
      yanked: values.has('data-yanked'),
      metadata: sha256 === undefined ? metadata !== undefined && metadata !== 'false' : { sha256 },
      uploaded: values.get('data-upload-time'),
    }
  })
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function hexDigest(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\da-f]{64}$/i.test(value) ? value.toLowerCase() : undefined
}

/** Hashes are read elsewhere; a login goes into a header. */
function bare(url: URL): string {
  const rest = new URL(url)
  rest.hash = ''
  rest.username = ''
  rest.password = ''
  return rest.href
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescapeHtml(text: string): string {
  return text.replaceAll(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name: string) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex as string, 16))
    if (decimal) return String.fromCodePoint(Number(decimal))
    return ENTITIES[name.toLowerCase()] ?? whole
  })
}
