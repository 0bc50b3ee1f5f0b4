import { execFile } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { promisify } from 'node:util'

/** What the operating system tells about a process. */
export interface ProcessFacts {
  pid: number
  parentPid: number
  /** It has ended, but its parent has not taken note: its number is still in use. */
  zombie: boolean
  /** The command line, or the title that the process gave itself: its words, joined by blanks. */
  command: string
  /** The words of the command line, where the system keeps them apart. */
  argv: string[] | undefined
  /** Device and inode of its working folder; `undefined` where we may not look. */
  folder: string | undefined
}

/** Device and inode: what tells a folder from every other one, whatever it is called. */
export async function folderIdentity(path: string): Promise<string | undefined> {
  return stat(path).then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => undefined,
  )
}

/** proc(5): pid (name) state ppid …; the name may hold blanks and parentheses. */
async function linuxFacts(pid: number): Promise<ProcessFacts | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const [state, parentPid] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  if (!state || parentPid === undefined) return undefined
  const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').filter(Boolean)
  return {
    pid,
    parentPid: Number(parentPid),
    zombie: state === 'Z' || state === 'X',
    command: argv.join(' '),
    argv,
    folder: await folderIdentity(`/proc/${pid}/cwd`),
  }
}

/** macOS has no /proc; ps(1) tells nothing of working folders. */
async function psFacts(pid: number): Promise<ProcessFacts | undefined> {
  const args = ['-ww', '-o', 'ppid=,stat=,command=', '-p', String(pid)]
  const { stdout } = await promisify(execFile)('/bin/ps', args).catch(() => ({ stdout: '' }))
  const found = /^\s*(\d+)\s+(\S+)\s+(.*)$/m.exec(stdout)
  if (!found) return undefined
  const [, parentPid, state = '', command = ''] = found
  return {
    pid,
    parentPid: Number(parentPid),
    zombie: state.startsWith('Z'),
    command,
    argv: undefined,
    folder: undefined,
  }
}

/** On Windows only whether the process is there. */
function windowsFacts(pid: number): ProcessFacts | undefined {
  try {
    process.kill(pid, 0)
    return { pid, parentPid: 0, zombie: false, command: '', argv: undefined, folder: undefined }
  } catch {
    return undefined
  }
}

/** The facts about a process, or `undefined` when there is none with that number. */
export async function processFacts(pid: number): Promise<ProcessFacts | undefined> {
  if (process.platform === 'linux') return linuxFacts(pid)
  return process.platform === 'win32' ? windowsFacts(pid) : psFacts(pid)
}

/** The processes whose working folder is the given one; none where the system does not tell (only Linux does). */
export async function processesIn(folder: string): Promise<ProcessFacts[]> {
  const identity = await folderIdentity(folder)
  if (process.platform !== 'linux' || identity === undefined) return []
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const inside = await Promise.all(
    pids.map(
      async (pid) => (await folderIdentity(`/proc/${pid}/cwd`)) === identity && linuxFacts(Number(pid)),
    ),
  )
  return inside.filter((facts) => facts !== false).filter((facts) => facts !== undefined)
}
