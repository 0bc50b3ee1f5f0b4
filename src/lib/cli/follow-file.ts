import { open } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'

/** How often the file is looked at, in milliseconds. */
const INTERVAL = 200

/** Hands on each line that is added to a file, from its present end on, until the signal is aborted. */
export async function followFile(
  path: string,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const handle = await open(path, 'r')
  try {
    let position = (await handle.stat()).size
    let rest = ''
    while (!signal.aborted) {
      const { size } = await handle.stat()
      if (size < position) position = 0
      const { bytesRead, buffer } = await handle.read(
        Buffer.alloc(Math.max(0, size - position)),
        0,
        size - position,
        position,
      )
      position += bytesRead
      const lines = (rest + buffer.toString('utf8', 0, bytesRead)).split('\n')
      rest = lines.pop() ?? ''
      lines.forEach(onLine)
      await pause(INTERVAL, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    await handle.close()
  }
}
