import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { readIfThere } from './files.ts'

/**
 * The ports that projects get: below what systems hand out to outgoing connections (Linux from 32768, macOS and Windows
 * from 49152), so that a port is still free at the next start.
 */
const FIRST_PORT = 20_000
const PORT_COUNT = 10_000

/** The only address that the embedded server listens on. */
export const LOOPBACK = '127.0.0.1'

/** Whether nobody listens on the port of the loopback interface just now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** The port that a project begins to look at: spread by its path, so that projects rarely meet. */
export function firstPort(folder: string): number {
  return FIRST_PORT + (createHash('sha256').update(folder).digest().readUInt32BE(0) % PORT_COUNT)
}

/** The port of the last start, or `undefined` when there was none. */
export async function keptPort(portFile: string): Promise<number | undefined> {
  const port = Number((await readIfThere(portFile)) ?? Number.NaN)
  return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : undefined
}

/**
 * Chooses a free port: the wanted one, else the next free one after it, round the range that projects get.
 * @param taken ports that turned out not to be free after all
 */
export async function choosePort(
  wanted: number,
  taken: ReadonlySet<number>,
  isFree: (port: number) => Promise<boolean> = isPortFree,
): Promise<number> {
  if (!taken.has(wanted) && (await isFree(wanted))) return wanted
  for (let step = 1; step < PORT_COUNT; step++) {
    const port = FIRST_PORT + ((((wanted - FIRST_PORT + step) % PORT_COUNT) + PORT_COUNT) % PORT_COUNT)
    if (!taken.has(port) && (await isFree(port))) return port
  }
  return wanted
}
