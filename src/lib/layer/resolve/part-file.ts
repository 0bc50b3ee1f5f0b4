import { open, readFile, rm, writeFile } from 'node:fs/promises'

/** Where a download is kept until it is complete. */
export interface PartFile {
  path: string
  /** Whether it goes on with what an earlier process left. */
  resumes: boolean
  /** Lets other processes have it. */
  release(): Promise<void>
}

/**
 * Takes the half of a download that an earlier process left, or begins one. While one process has it, another gets a file of
 * its own: both then load the same, and nobody writes into anybody's file.
 * @param path where the half is, if there is one
 */
export async function takePartFile(path: string): Promise<PartFile> {
  const lock = `${path}.lock`
  if (await tryLock(lock)) return { path, resumes: true, release: () => rm(lock, { force: true }) }
  const own = `${path}.${process.pid}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`
  return { path: own, resumes: false, release: () => rm(own, { force: true }) }
}

async function tryLock(lock: string): Promise<boolean> {
  if (await create(lock)) return true
  const owner = Number(await readFile(lock, 'utf8').catch(() => ''))
  // An empty one is being written just now.
  if (!(owner > 0) || isAlive(owner)) return false
  await rm(lock, { force: true })
  return create(lock)
}

async function create(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx')
    await file.close()
    await writeFile(lock, String(process.pid))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It lives, but belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
