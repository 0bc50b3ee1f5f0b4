import { chown, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from './engine.ts'

/** Who is nobody, in every Linux (Linux Standard Base). */
const NOBODY = { uid: 65_534, gid: 65_534 } as const

/** A user by numbers, as the one in an image may have no entry. */
interface ContainerUser {
  uid: number
  gid: number
}

/** Who we are; `undefined` on Windows. */
export interface Caller {
  getuid?: (() => number) | undefined
  getgid?: (() => number) | undefined
}

/**
 * Who runs in a container: the caller, so that files are theirs; nobody when that would be root. With a rootless engine the
 * caller is root inside, and all others are strangers to their files.
 */
export function containerUser(engine: Pick<Engine, 'rootless'>, caller: Caller = process): ContainerUser {
  if (engine.rootless) return { uid: 0, gid: 0 }
  const uid = caller.getuid?.() ?? 0
  return uid === 0 ? NOBODY : { uid, gid: caller.getgid?.() ?? uid }
}

/** Gives a folder and all in it to who runs in the container; only root must, and can. */
export async function handOver(folder: string, user: ContainerUser, caller: Caller = process): Promise<void> {
  if (caller.getuid?.() !== 0 || user.uid === 0) return
  const entries = await readdir(folder, { recursive: true })
  for (const path of ['', ...entries]) await chown(join(folder, path), user.uid, user.gid)
}
