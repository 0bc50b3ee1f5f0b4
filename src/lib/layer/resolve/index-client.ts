import { createHash } from 'node:crypto'
import { CruddurError, InterruptedError } from '../../errors.ts'
import { type HttpAnswer, type HttpClient, wait } from '../http/http-client.ts'
import { unreachable } from '../http/http-errors.ts'
import { readBody } from '../http/read-body.ts'
import { normalizeName } from '../python/package-name.ts'
import { linkedFiles } from './find-links.ts'
import type { IndexFile } from './index-file.ts'
import { parseHtmlPage, parseJsonPage } from './index-page.ts'

/** Where packages come from. URLs may hold logins: they are secrets. */
export interface IndexSettings {
  /** PyPI unless said otherwise. */
  indexUrl?: string | undefined
  /** Further indexes, of which each may have any version: pip's rule. */
  extraIndexUrls?: readonly string[] | undefined
  /** Folders, or pages with links. */
  findLinks?: readonly string[] | undefined
  /** Whether only `findLinks` counts. */
  noIndex?: boolean | undefined
}

/** The index that everybody uses. */
export const PYPI = 'https://pypi.org/simple/'

/** Forms of a page in the order in which they are liked: JSON names sizes (PEP 691). */
const ACCEPT =
  'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1'

/** Bytes of the largest page; that of a package with ten thousand files has 10 MB. */
const LARGEST_PAGE = 134_217_728

/** What package indexes offer. Each page is asked for once. */
export class IndexClient {
  readonly http: HttpClient
  readonly #indexes: readonly URL[]
  readonly #findLinks: readonly string[]
  readonly #signal: AbortSignal | undefined
  readonly #pages = new Map<string, Promise<IndexFile[]>>()
  #links: Promise<IndexFile[]> | undefined

  /**
   * @param http learns the logins that stand in the URLs
   * @throws {UsageError} `INVALID_INDEX_URL`
   */
  constructor(settings: IndexSettings, http: HttpClient, signal?: AbortSignal) {
    this.http = http
    this.#signal = signal
    const urls = settings.noIndex
      ? []
      : [settings.indexUrl ?? PYPI, ...(settings.extraIndexUrls ?? [])].map(parseIndexUrl)
    this.#indexes = urls.map((url) => this.http.logins.take(url))
    this.#findLinks = settings.findLinks ?? []
  }

  /** Hosts of the indexes, for messages. */
  get hosts(): string[] {
    return [...new Set(this.#indexes.map(({ host }) => host))]
  }

  /**
   * The files of a package, as all indexes together have them; empty if none knows it.
   * @throws {CruddurError} `INDEX_UNREACHABLE`, `INDEX_LOGIN_REFUSED`, `INDEX_ANSWER_INVALID`
   */
  files(name: string): Promise<IndexFile[]> {
    const normal = normalizeName(name)
    let page = this.#pages.get(normal)
    if (!page) {
      page = this.#allFiles(normal)
      // Who does not wait for it any more must not be hit by its failure.
      page.catch(() => undefined)
      this.#pages.set(normal, page)
    }
    return page
  }

  /**
   * A small file of an index.
   * @throws {CruddurError} `INDEX_UNREACHABLE`, `DOWNLOAD_CORRUPT` when its hash is another one
   * @returns `undefined` if it is not there
   */
  async text(url: URL, sha256: string | undefined): Promise<string | undefined> {
    const bytes = await this.#body(url, {})
    if (!bytes || bytes.answer.status !== 200) return undefined
    if (sha256 !== undefined && createHash('sha256').update(bytes.body).digest('hex') !== sha256)
      throw new CruddurError(`What ${url.host} has to say about a package has changed on the way.`, {
        code: 'DOWNLOAD_CORRUPT',
        hint: 'Try again; if it stays like that, the index or a proxy is broken.',
        details: { host: url.host },
      })
    return bytes.body.toString('utf8')
  }

  async #allFiles(name: string): Promise<IndexFile[]> {
    this.#links ??= linkedFiles(this.#findLinks, (url) => this.#page(this.http.logins.take(url)))
    const pages = await Promise.all([
      ...this.#indexes.map((index) => this.#page(new URL(`${name}/`, index))),
      this.#links.then((files) => files.filter((file) => packageOf(file.fileName, name))),
    ])
    return pages.flat()
  }

  async #page(url: URL): Promise<IndexFile[]> {
    const found = await this.#body(url, { accept: ACCEPT })
    if (!found) return []
    const { answer, body } = found
    const text = body.toString('utf8')
    const isJson = answer.headers['content-type']?.includes('json') ?? false
    const files = isJson ? parseJsonPage(text, answer.url) : parseHtmlPage(text, answer.url)
    if (files) return files
    throw new CruddurError(`${url.host} does not answer like a package index.`, {
      code: 'INDEX_ANSWER_INVALID',
      hint: 'Check the address of the index (PIP_INDEX_URL); PyPI is https://pypi.org/simple',
      details: { host: url.host },
    })
  }

  /** The body of an answer, asked for again when it is cut off; `undefined` when there is nothing. */
  async #body(
    url: URL,
    headers: Record<string, string>,
  ): Promise<{ answer: HttpAnswer; body: Buffer } | undefined> {
    const { retries, pause } = this.http.repetition
    for (let attempt = 0; ; attempt++) {
      const answer = await this.http.get(url, {
        headers: { 'accept-encoding': 'gzip', ...headers },
        signal: this.#signal,
      })
      if (answer.status !== 200) {
        answer.body.destroy()
        if ([404, 410].includes(answer.status)) return undefined
        throw refused(url, answer)
      }
      try {
        return { answer, body: await readBody(answer, LARGEST_PAGE) }
      } catch (error) {
        if (this.#signal?.aborted) throw new InterruptedError()
        if (error instanceof CruddurError) throw error
        if (attempt >= retries) throw unreachable(url, error as Error)
        await wait(pause * 2 ** attempt, this.#signal)
      }
    }
  }
}

/** Whether a file belongs to a package, by its name. Names of source packages cannot be taken apart with certainty. */
function packageOf(fileName: string, name: string): boolean {
  const stem = fileName.replace(/\.(?:whl|tar\.gz|tgz|zip|tar\.bz2|tar\.xz)$/i, '')
  const parts = fileName.endsWith('.whl') ? stem.split('-').slice(0, 1) : [stem.replace(/-[^-]*$/, '')]
  return normalizeName(parts.join('-')) === name
}

function parseIndexUrl(text: string): URL {
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol)) {
    if (!url.pathname.endsWith('/')) url.pathname += '/'
    return url
  }
  // Not quoted: it may hold a login.
  throw new CruddurError('The address of the package index is not an http or https URL.', {
    code: 'INVALID_INDEX_URL',
    kind: 'usage',
    hint: 'It looks like https://pypi.org/simple; a folder goes with --find-links.',
  })
}

function refused(url: URL, { status }: HttpAnswer): CruddurError {
  if (status === 401 || status === 403)
    return new CruddurError(`${url.host} does not let this user in (HTTP ${status}).`, {
      code: 'INDEX_LOGIN_REFUSED',
      kind: 'unreachable',
      hint: 'Put the login into the address of the index: PIP_INDEX_URL=https://USER:TOKEN@HOST/simple',
      details: { host: url.host, status },
    })
  return new CruddurError(`${url.host} answers with HTTP ${status}.`, {
    code: 'INDEX_UNREACHABLE',
    kind: 'unreachable',
    hint: 'Check the address of the index (PIP_INDEX_URL).',
    details: { host: url.host, status },
  })
}
