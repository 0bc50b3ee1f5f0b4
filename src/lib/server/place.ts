import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { CruddurError } from '../errors.ts'
import { readIfThere, writeWhole } from './files.ts'
import type { SystemUser } from './passwd.ts'
import { readPidFile } from './pid-file.ts'
import { processesIn } from './process-table.ts'
import type { StateFolder } from './state-folder.ts'

/**
 * Where a server was started. A project's folder can be seen from several places at once: the machine, and containers on
 * it. Their process numbers mean nothing to each other, so that PostgreSQL's own lock does not hold between
 * them, and two servers on the same data destroy them.
 */
interface Place {
  platform: string
  hostname: string
  /** Of the running kernel; empty where there is none to read. */
  bootId: string
  /** The namespace of process numbers, as pid_namespaces(7) names it; empty where there are none. */
  namespace: string
}

/** The namespace in which every process of the machine is seen (PROC_PID_INIT_INO in Linux' proc_ns.h). */
const FIRST_NAMESPACE = 'pid:[4026531836]'

async function namespaceOf(pid: number | 'self'): Promise<string> {
  return readlink(`/proc/${pid}/ns/pid`).catch(() => '')
}

async function currentPlace(): Promise<Place> {
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  return {
    platform: process.platform,
    hostname: hostname(),
    bootId: bootId.trim(),
    namespace: await namespaceOf('self'),
  }
}

/** Whether a server that was started there may be running without our seeing it. */
function mayBeHidden(there: Place, here: Place): boolean {
  if (there.platform !== here.platform) return true
  // After a reboot nothing runs any more; and a container that was restarted keeps its name.
  const sameBoot = here.bootId !== '' && there.bootId === here.bootId
  if (!sameBoot || there.namespace === here.namespace || there.hostname === here.hostname) return false
  return here.namespace !== FIRST_NAMESPACE
}

function servedElsewhere(state: StateFolder, where: string): CruddurError {
  return new CruddurError(`The data in ${state.dataDirectory} are served by a server ${where}.`, {
    code: 'SERVER_ELSEWHERE',
    hint:
      'Two servers would destroy them. Stop it there (cruddur db server stop); ' +
      `if that place is gone, remove ${state.dataDirectory}/postmaster.pid and run the command again.`,
    details: { dataDirectory: state.dataDirectory },
  })
}

/**
 * Refuses to go on when the data may be in use at another place: in a container whose processes we see, or anywhere whose
 * processes we do not see while its lock is still there.
 * @throws {CruddurError} `SERVER_ELSEWHERE`
 */
export async function refuseElsewhere(state: StateFolder): Promise<void> {
  const here = await currentPlace()
  for (const { pid, zombie } of await processesIn(state.dataDirectory)) {
    const namespace = await namespaceOf(pid)
    if (!zombie && namespace !== '' && namespace !== here.namespace)
      throw servedElsewhere(state, `in a container (process ${pid} here)`)
  }
  const text = await readIfThere(state.placeFile)
  if (text === undefined || (await readPidFile(state.dataDirectory)) === undefined) return
  const there: Place = JSON.parse(text)
  if (mayBeHidden(there, here))
    throw servedElsewhere(state, `on ${there.hostname} (${there.platform}), or were when it ended`)
}

/** Notes down that the server is started from here. */
export async function notePlace(state: StateFolder, user: SystemUser | undefined): Promise<void> {
  await writeWhole(state.placeFile, `${JSON.stringify(await currentPlace())}\n`, { user })
}
