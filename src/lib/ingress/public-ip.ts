import { CruddurError, throwIfAborted } from '../errors.ts'
import { notPublic, parseIpAddress, type IpAddress } from './ip-address.ts'

/** A service that says, as plain text, from which address it was asked. */
export interface IpSource {
  /** What people know it by: its host. */
  name: string
  url: string
}

/** What a source said. */
interface Answer {
  /** Name of the source. */
  source: string
  /** `undefined` if it did not say one. */
  address: IpAddress | undefined
  /** Why its answer does not count, e.g. `HTTP 503`: words of ours, never of the answer. */
  problem: string | undefined
}

/** The public address of this machine, and how it was found. */
export interface PublicIp {
  address: IpAddress
  /** Sentences that people should read: who said something else. */
  warnings: string[]
  /** Of those that answered before it was clear, in the order of the sources. */
  answers: Answer[]
}

export interface FindPublicIpOptions {
  /** At least two: one alone is never believed. */
  sources?: readonly IpSource[] | undefined
  /** Is asked as well when one source has said an address of IPv6, and no other one anything. */
  ipv6Source?: IpSource | undefined
  /** How long each source may take, in milliseconds. */
  timeout?: number | undefined
  signal?: AbortSignal | undefined
  fetch?: typeof globalThis.fetch | undefined
}

/** HTTPS, so that no network between can answer for them; by three operators: Amazon, ipify, Cloudflare. */
const SOURCES: readonly IpSource[] = [
  { name: 'checkip.amazonaws.com', url: 'https://checkip.amazonaws.com' },
  { name: 'api.ipify.org', url: 'https://api.ipify.org' },
  { name: 'icanhazip.com', url: 'https://icanhazip.com' },
]

/** Most of those have no address of IPv6: where there is nothing else, icanhazip.com alone answers. Of ipify. */
const IPV6_SOURCE: IpSource = { name: 'api6.ipify.org', url: 'https://api6.ipify.org' }

/** In milliseconds: it runs at the start of every workspace, where nobody should wait long for a dead service. */
const TIMEOUT = 3000

/** In bytes: an address has 45 at most, so what is longer is a web page. */
const LONGEST_BODY = 1024

const HINT = 'Name it, if you know it: --ip ADDRESS'

/**
 * The body, or `undefined` if it is too long; the rest is not read then.
 * @throws when the signal is aborted: half an address may look like a whole one
 */
async function readShortBody(response: Response, signal: AbortSignal): Promise<string | undefined> {
  const reader = response.body?.getReader()
  // Not left to `fetch`: that of Node 22.13 forgets its signal here when garbage is collected.
  signal.addEventListener('abort', () => void reader?.cancel().catch(() => undefined))
  let body = ''
  for (;;) {
    const chunk = await reader?.read()
    signal.throwIfAborted()
    if (chunk === undefined || chunk.done) return body
    if (body.length + chunk.value.byteLength > LONGEST_BODY) return undefined
    body += Buffer.from(chunk.value).toString('latin1')
  }
}

/** Why a request failed. Only a code is passed on: the texts of errors may quote what the other side sent. */
function failureOf(error: unknown): string {
  const cause = (error as { cause?: { code?: unknown; message?: unknown } }).cause
  if (cause?.message === 'unexpected redirect') return 'a redirect'
  const code = typeof cause?.code === 'string' && /^\w{1,60}$/.test(cause.code) ? ` (${cause.code})` : ''
  return `connection failed${code}`
}

/** The address that a source says, or why its answer is none. */
async function readAnswer(response: Response, signal: AbortSignal): Promise<IpAddress | string> {
  if (response.status !== 200) {
    await response.body?.cancel()
    return `HTTP ${response.status}`
  }
  const body = await readShortBody(response, signal)
  if (body === undefined) return 'more than 1 KB, not an address'
  if (body.trim() === '') return 'an empty answer'
  return parseIpAddress(body) ?? 'not an address'
}

/** Asks one source. Never rejects: why it failed is part of the answer. */
async function ask(
  { name, url }: IpSource,
  { timeout, signal, fetch }: { timeout: number; signal: AbortSignal; fetch: typeof globalThis.fetch },
): Promise<Answer> {
  // Neither `AbortSignal.timeout` nor `any`: garbage collection may take them before they fire (nodejs/node#57736).
  const request = new AbortController()
  const stop = () => request.abort()
  signal.addEventListener('abort', stop)
  const timer = setTimeout(stop, timeout)
  try {
    // A captive portal answers with a redirect to its page: where that leads does not matter.
    const response = await fetch(url, { redirect: 'error', cache: 'no-store', signal: request.signal })
    const said = await readAnswer(response, request.signal)
    return typeof said === 'string'
      ? { source: name, address: undefined, problem: said }
      : { source: name, address: said, problem: undefined }
  } catch (error) {
    const problem = request.signal.aborted ? `no answer within ${timeout / 1000} s` : failureOf(error)
    return { source: name, address: undefined, problem }
  } finally {
    clearTimeout(timer)
  }
}

/** The address that two answers give. Equal texts are of one family: IPv4 is compared with IPv4, IPv6 with IPv6. */
function agreement(answers: readonly Answer[]): IpAddress | undefined {
  const seen = new Set<string>()
  for (const { address } of answers) {
    if (address === undefined) continue
    if (seen.has(address.text)) return address
    seen.add(address.text)
  }
  return undefined
}

function namesOf(answers: readonly Answer[]): string {
  return answers.map(({ source }) => source).join(' and ')
}

/** Why there is no address although all have been asked. */
function noAgreement(answers: readonly Answer[]): CruddurError {
  const said = answers
    .map(({ source, address, problem }) => `${source}: ${address?.text ?? problem}`)
    .join('; ')
  const count = answers.filter(({ address }) => address !== undefined).length
  const details = { answers }
  if (count > 1)
    return new CruddurError(
      `No two sources agree on your public IP address (${said}). Nothing was changed.`,
      {
        code: 'PUBLIC_IP_UNCLEAR',
        kind: 'unreachable',
        hint: `A VPN or a proxy may lead each another way. ${HINT}`,
        details,
      },
    )
  const why = count === 1 ? ': one source alone is not enough' : ''
  return new CruddurError(`Could not learn your public IP address${why} (${said}). Nothing was changed.`, {
    code: 'PUBLIC_IP_UNKNOWN',
    kind: 'unreachable',
    hint: HINT,
    details,
  })
}

/** Those of the same family that say another address. A source reached over the other family contradicts nobody. */
function dissent(answers: readonly Answer[], agreed: IpAddress): string[] {
  const agreeing = namesOf(answers.filter(({ address }) => address?.text === agreed.text))
  return answers.flatMap(({ source, address }) =>
    address === undefined || address.family !== agreed.family || address.text === agreed.text
      ? []
      : [`${source} says ${address.text}, but ${agreeing} say ${agreed.text}, which is used.`],
  )
}

/**
 * Asks all at once, until two agree or none is left.
 * @returns the answers so far, in the order of the sources
 * @throws {InterruptedError} when the signal is aborted
 */
async function askUntilTwoAgree(
  sources: readonly IpSource[],
  {
    timeout,
    signal,
    fetch,
  }: { timeout: number; signal: AbortSignal | undefined; fetch: typeof globalThis.fetch },
): Promise<Answer[]> {
  const all = new AbortController()
  const stop = () => all.abort()
  signal?.addEventListener('abort', stop)
  try {
    const pending = new Map(
      sources.map((source, index) => {
        const answer = ask(source, { timeout, signal: all.signal, fetch })
        return [index, answer.then((given) => ({ index, given }))]
      }),
    )
    const answers = new Map<number, Answer>()
    while (pending.size > 0 && agreement([...answers.values()]) === undefined) {
      const { index, given } = await Promise.race(pending.values())
      throwIfAborted(signal)
      pending.delete(index)
      answers.set(index, given)
    }
    return sources.flatMap((_, index) => answers.get(index) ?? [])
  } finally {
    signal?.removeEventListener('abort', stop)
    // Nothing more is read, neither from those not waited for nor of what was too long.
    stop()
  }
}

/**
 * Learns under which address the internet sees this machine: asks several services at once, and believes what two of
 * them say. The others are not waited for then.
 * @throws {CruddurError} `PUBLIC_IP_UNKNOWN` (fewer than two answered), `PUBLIC_IP_UNCLEAR` (no two said the same),
 *   `NOT_A_PUBLIC_IP` (it cannot be reached from the internet), all of kind `unreachable`
 * @throws {InterruptedError} when the signal is aborted
 */
export async function findPublicIp({
  sources = SOURCES,
  ipv6Source = IPV6_SOURCE,
  timeout = TIMEOUT,
  signal,
  fetch = globalThis.fetch,
}: FindPublicIpOptions = {}): Promise<PublicIp> {
  throwIfAborted(signal)
  const answers = await askUntilTwoAgree(sources, { timeout, signal, fetch })
  const said = answers.flatMap((answer) => answer.address ?? [])
  if (said.length === 1 && said[0]?.family === 'IPv6')
    answers.push(...(await askUntilTwoAgree([ipv6Source], { timeout, signal, fetch })))
  const address = agreement(answers)
  if (address === undefined) throw noAgreement(answers)
  const reason = notPublic(address)
  if (reason !== undefined) {
    const agreeing = namesOf(answers.filter((one) => one.address?.text === address.text))
    throw new CruddurError(
      `${agreeing} say that your address is ${address.text}, but ${reason}. Nothing was changed.`,
      {
        code: 'NOT_A_PUBLIC_IP',
        kind: 'unreachable',
        hint: 'If you know the public one, name it: --ip ADDRESS',
        details: { address: address.text, reason, answers },
      },
    )
  }
  return { address, warnings: dissent(answers, address), answers }
}
