import { createServer, type Server, Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export interface ProxyOptions {
  /** Milliseconds that bytes take from one side to the other. */
  delay?: number
  /** Called with the number of bytes that clients have sent so far, before the last of them are passed on. */
  onClientBytes?: (total: number) => void
  /**
   * Holds back what the server says until neither side has sent anything for so many milliseconds, and counts how often
   * that happens: a client that waits for an answer is then a round trip, one that sends on without waiting is none.
   */
  lockStep?: number
}

/** Bytes on their way in one direction from which on the sender has to wait. */
const MOST_ON_THE_WAY = 4 * 1024 * 1024

/** One direction of a connection: passes bytes on in their order, each after the delay. */
class Lane {
  readonly #from: Socket
  readonly #to: Socket
  readonly #delay: number
  readonly #isStalled: () => boolean
  #last: Promise<void> = Promise.resolve()
  #onTheWay = 0

  constructor(from: Socket, to: Socket, delay: number, isStalled: () => boolean) {
    this.#from = from
    this.#to = to
    this.#delay = delay
    this.#isStalled = isStalled
  }

  pass(bytes: Buffer): void {
    this.#onTheWay += bytes.length
    if (this.#onTheWay > MOST_ON_THE_WAY) this.#from.pause()
    this.#after(async () => {
      if (!this.#to.destroyed && !this.#to.write(bytes)) await drained(this.#to)
      this.#onTheWay -= bytes.length
      if (this.#onTheWay <= MOST_ON_THE_WAY && !this.#isStalled()) this.#from.resume()
    })
  }

  end(): void {
    this.#after(() => Promise.resolve(void this.#to.end()))
  }

  #after(work: () => Promise<void>): void {
    const due = this.#delay > 0 ? pause(this.#delay) : undefined
    this.#last = this.#last.then(() => due).then(work)
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done)
      resolve()
    }
    socket.once('drain', done).once('close', done)
  })
}

/** A stretch of network between a client and a server that can be slow, silent or broken. */
export class Proxy {
  readonly #server: Server
  readonly #target: { host: string; port: number }
  readonly #options: ProxyOptions
  readonly #sockets = new Set<Socket>()
  /** How often a client waited for an answer (with `lockStep`). */
  roundTrips = 0
  /** How many bytes clients have sent. */
  clientBytes = 0
  #stalled = false
  #refusing = false

  private constructor(target: { host: string; port: number }, options: ProxyOptions) {
    this.#target = target
    this.#options = options
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#connect(client))
  }

  /** Starts a proxy in front of the server that the URL names. */
  static async start(url: string, options: ProxyOptions = {}): Promise<Proxy> {
    const { hostname, port } = new URL(url)
    const proxy = new Proxy({ host: hostname, port: Number(port || 5432) }, options)
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject).listen(0, '127.0.0.1', resolve)
    })
    return proxy
  }

  /** The same URL, but through the proxy; without TLS. */
  url(url: string): string {
    const address = this.#server.address()
    if (typeof address !== 'object' || !address) throw new Error('the proxy does not listen')
    const changed = new URL(url)
    changed.hostname = '127.0.0.1'
    changed.port = String(address.port)
    changed.searchParams.set('sslmode', 'disable')
    return changed.href
  }

  /** Breaks all connections off, as when a cable is cut and both sides have noticed. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** From now on nothing gets through in either direction, and nobody is told. */
  stall(): void {
    this.#stalled = true
    for (const socket of this.#sockets) socket.pause()
  }

  /** From now on further connections are broken off at once. */
  refuse(): void {
    this.#refusing = true
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  #connect(client: Socket): void {
    if (this.#refusing) return void client.resetAndDestroy()
    const server = new Socket({ allowHalfOpen: true })
    server.setNoDelay(true)
    server.connect(this.#target)
    const { delay = 0, lockStep } = this.#options
    const isStalled = () => this.#stalled
    const up = new Lane(client, server, delay, isStalled)
    const down =
      lockStep === undefined ? new Lane(server, client, delay, isStalled) : this.#holding(server, client)
    this.#join(client, server)
    client.on('data', (bytes: Buffer) => {
      this.clientBytes += bytes.length
      this.#options.onClientBytes?.(this.clientBytes)
      up.pass(bytes)
    })
    server.on('data', (bytes: Buffer) => down.pass(bytes))
    client.on('end', () => up.end())
    server.on('end', () => down.end())
  }

  /** When one side breaks, so does the other. */
  #join(client: Socket, server: Socket): void {
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => other.resetAndDestroy())
      socket.on('close', () => this.#sockets.delete(socket))
      if (this.#stalled) socket.pause()
    }
  }

  /** A direction that passes on only what both sides have waited for. */
  #holding(server: Socket, client: Socket): Pick<Lane, 'pass' | 'end'> {
    let held: Buffer[] = []
    let timer: NodeJS.Timeout | undefined
    const release = () => {
      if (held.length === 0) return
      this.roundTrips += 1
      client.write(Buffer.concat(held))
      held = []
    }
    const restart = () => {
      clearTimeout(timer)
      timer = setTimeout(release, this.#options.lockStep)
    }
    client.on('data', restart)
    server.on('close', () => clearTimeout(timer))
    return {
      pass: (bytes) => {
        held.push(bytes)
        restart()
      },
      end: () => {
        if (held.length > 0) client.write(Buffer.concat(held))
        client.end()
      },
    }
  }
}

/** Runs the work with a proxy in front of the database of the URL. */
export async function withProxy<T>(
  url: string,
  options: ProxyOptions,
  work: (proxyUrl: string, proxy: Proxy) => Promise<T>,
): Promise<T> {
  const proxy = await Proxy.start(url, options)
  try {
    return await work(proxy.url(url), proxy)
  } finally {
    await proxy.stop()
  }
}
