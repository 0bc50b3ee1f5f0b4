import { setTimeout as pause } from 'node:timers/promises'
import { InterruptedError, throwIfAborted } from '../errors.ts'
import type { OnProgress } from '../progress.ts'
import type { Binaries } from './binaries.ts'
import { contact } from './contact.ts'
import { writeWhole } from './files.ts'
import { launch, type Launched, watchLaunch } from './launch.ts'
import { clearOrphans } from './orphans.ts'
import type { SystemUser } from './passwd.ts'
import { notePlace, refuseElsewhere } from './place.ts'
import { choosePort, firstPort, keptPort } from './port.ts'
import { diskFull, startFailed, startTimeout, tellsDiskFull } from './server-errors.ts'
import type { ServerInfo } from './server-info.ts'
import { clearStaleLock } from './stale-lock.ts'
import type { StateFolder } from './state-folder.ts'

/** What a start needs, found out once. */
export interface Start {
  state: StateFolder
  binaries: Binaries
  user: SystemUser | undefined
  /** Until when it must accept connections, by `performance.now()`. */
  deadline: number
  onProgress: OnProgress | undefined
  signal: AbortSignal | undefined
}

/** What the attempts of one start have learnt. */
interface Lessons {
  /** Ports that turned out to be taken. */
  taken: Set<number>
  /** Until when data that are in use are tried again, by `performance.now()`; not before the first time. */
  patience: number | undefined
}

/** What one attempt came to: a server, or that it is worth another one. */
type Attempt = ServerInfo | 'again'

/** How long to try again on data that are in use, in milliseconds: longer than orphans are waited for. */
const IN_USE_PATIENCE = 20_000

/** Pause before PostgreSQL is started again because its data were in use, in milliseconds. */
const AGAIN_PAUSE = 200

/** PostgreSQL's messages for what may be different a moment later (untranslated: it runs in locale C). */
const PORT_TAKEN = /could not create any TCP\/IP sockets/
const IN_USE =
  /lock file "postmaster\.pid" (?:already exists|is empty)|is still in use|received \w+ shutdown request/

async function failedAttempt(
  start: Start,
  launched: Launched,
  port: number,
  lessons: Lessons,
): Promise<Attempt> {
  const failure = launched.failure()
  if (failure) throw failure
  const log = await launched.log()
  const text = log.join('\n')
  if (PORT_TAKEN.test(text)) {
    lessons.taken.add(port)
    return 'again'
  }
  if (tellsDiskFull(text)) throw diskFull(start.state.folder)
  lessons.patience ??= performance.now() + IN_USE_PATIENCE
  if (!IN_USE.test(text) || performance.now() > lessons.patience) throw startFailed(start.state, log)
  // Another command is faster, or has stopped it meanwhile, or a killed server's sessions are still there.
  await pause(AGAIN_PAUSE)
  return 'again'
}

/** Makes sure that nothing is in the way of a start: no server elsewhere, no stale lock, no orphans. */
async function clearTheWay(start: Start): Promise<void> {
  await refuseElsewhere(start.state)
  await clearStaleLock(start.state, start.signal)
  await clearOrphans(start.state, start)
  throwIfAborted(start.signal)
}

async function attempt(start: Start, lessons: Lessons): Promise<Attempt> {
  const { state, user, signal, deadline } = start
  const running = await contact(state, deadline - performance.now(), signal)
  if (running) return running
  await clearTheWay(start)
  const port = await choosePort((await keptPort(state.portFile)) ?? firstPort(state.folder), lessons.taken)
  await notePlace(state, user)
  const launched = await launch(state, start.binaries, user, port)
  const outcome = await watchLaunch(state, launched, deadline, signal)
  if (outcome === 'ended') return failedAttempt(start, launched, port, lessons)
  if (outcome === 'aborted' || outcome === 'late') {
    await launched.stop()
    throw outcome === 'aborted' ? new InterruptedError() : startTimeout(state)
  }
  const info = await contact(state, deadline - performance.now(), signal)
  return info ? { ...info, startedNow: launched.isPid(info.pid) } : 'again'
}

/** Keeps the port for the next start, and says so when it is not the one of the last. */
async function keepPort({ state, user, onProgress }: Start, { port }: ServerInfo): Promise<void> {
  const kept = await keptPort(state.portFile)
  if (kept === port) return
  if (kept !== undefined) {
    const text = `Port ${kept} is taken by another program; the server listens on ${port} from now on.`
    onProgress?.({ type: 'note', level: 'warning', text })
  }
  await writeWhole(state.portFile, `${port}\n`, { user })
}

/**
 * Starts PostgreSQL on prepared data until it runs: again on another port when one is taken, again when another command was
 * faster or a killed server is not quite gone.
 * @throws {CruddurError} as `startServer` says
 */
export async function startUntilRunning(start: Start): Promise<ServerInfo> {
  const lessons: Lessons = { taken: new Set(), patience: undefined }
  for (;;) {
    const info = await attempt(start, lessons)
    if (info === 'again') continue
    await keepPort(start, info)
    return info
  }
}
