import { lookup } from 'node:dns/promises'
import { isPrivate, parseIpAddress } from './ip-address.ts'

/** Finds the addresses of a host, as a connection to it would; may reject, and may take as long as it likes. */
type Resolve = (host: string) => Promise<readonly string[]>

export interface LookInsideOptions {
  resolve?: Resolve | undefined
  /** How long the answer is waited for, in milliseconds. */
  timeout?: number | undefined
}

/** In milliseconds: a name server that is alive answers in some tens of them. */
const TIMEOUT = 2000

/** What the machine itself would do, `/etc/hosts` included: it counts where a connection goes, whatever AWS has in its DNS. */
async function usualResolve(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}

/**
 * The private address that a host has here, if it has no other: within its VPC, through a VPN that leads there, or everywhere if
 * it is not publicly accessible. In all these cases a public address is not what it sees of us. A loopback address does not
 * count: that is a tunnel. Never rejects: where nothing is found out, it is as if the address were public.
 */
export async function privateAddressOf(
  host: string,
  { resolve = usualResolve, timeout = TIMEOUT }: LookInsideOptions = {},
): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<string[]>((done) => {
    timer = setTimeout(() => done([]), timeout)
  })
  const found = await Promise.race([resolve(host).catch(() => []), tooLate])
  clearTimeout(timer)
  const addresses = found.map((text) => parseIpAddress(text))
  return addresses.every((address) => address !== undefined && isPrivate(address)) ? found[0] : undefined
}
