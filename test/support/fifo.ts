import { execFileSync } from 'node:child_process'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'

/** A named pipe in a folder. */
export function makeFifo(folder: string, name = 'pipe'): string {
  const path = join(folder, name)
  execFileSync('mkfifo', [path])
  return path
}

/** Writes texts into a named pipe, as soon as somebody reads it, and closes it. */
export async function feedFifo(path: string, ...texts: readonly string[]): Promise<void> {
  const handle = await open(path, 'w')
  for (const text of texts) await handle.write(text)
  await handle.close()
}

/** Opens a named pipe at both ends, so that whoever reads it waits until this is closed. */
export function holdFifo(path: string): Promise<FileHandle> {
  return open(path, 'r+')
}
