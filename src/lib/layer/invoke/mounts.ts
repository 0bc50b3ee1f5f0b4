import { statSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Mount } from '../docker/container-arguments.ts'
import { containerUser, handOver } from '../docker/container-user.ts'
import type { Engine } from '../docker/engine.ts'
import { isFolder, mergeLayers } from './layer-folder.ts'

/** Where our own files are in the container. */
export const OWN_FOLDER = '/cruddur'

export interface MountOptions {
  engine: Engine
  /** Our own files for the container, by their names. */
  files: Readonly<Record<string, string>>
  /** The folder of the function; an empty one by default. */
  folder?: string | undefined
  /** Layers, folders or zips, in the order in which they are attached. */
  layers?: readonly string[] | undefined
}

/**
 * Puts what a container is to see into folders, which are gone when the work is done: our own files, the function at `/var/task`, the
 * layers at `/opt`, all read-only. A layer that is the only one, and a folder, is seen where it is.
 * @throws {UsageError} `FILE_NOT_READABLE`
 * @throws {CruddurError} `ZIP_…`, `LAYER_LINK_OUTSIDE`
 */
export async function withMounts<Result>(
  options: MountOptions,
  work: (mounts: readonly Mount[]) => Promise<Result>,
): Promise<Result> {
  const { engine, files, folder, layers = [] } = options
  const place = await mkdtemp(join(tmpdir(), 'cruddur-invoke-'))
  try {
    const [own, task, opt] = ['cruddur', 'task', 'opt'].map((name) => join(place, name)) as [
      string,
      string,
      string,
    ]
    for (const made of [own, task, opt]) await mkdir(made)
    for (const [name, content] of Object.entries(files)) await writeFile(join(own, name), content)
    const [only, ...more] = layers
    const user = containerUser(engine)
    const isMerged = only === undefined || more.length > 0 || !isFolder(only) || !isOpenTo(only, user.uid)
    if (isMerged) await mergeLayers(layers, opt)
    await handOver(place, user)
    return await work([
      { source: own, target: OWN_FOLDER },
      { source: folder === undefined ? task : resolve(folder), target: '/var/task' },
      { source: isMerged ? opt : resolve(only), target: '/opt' },
    ])
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

/**
 * Whether a user may enter a folder and list it. The rights of the folder itself are no part of a layer: one that a program of root
 * has made for the moment (0700) is as good as any.
 */
function isOpenTo(folder: string, uid: number): boolean {
  const { mode, uid: owner } = statSync(folder)
  return uid === 0 || uid === owner || (mode & 0o005) === 0o005
}
