import { formatDuration } from '../duration.ts'
import { blockingTree, type Session } from '../postgres/sessions.ts'
import { printable, table } from './format.ts'

/** How wide lines are where there is no terminal. */
const WIDE = 1000

const HEADING = [
  'PID',
  'USER',
  'APPLICATION',
  'CLIENT',
  'STATE',
  'TRANSACTION',
  'QUERY AGE',
  'WAITS FOR',
  'QUERY',
]

function age(milliseconds: number | undefined): string {
  return milliseconds === undefined ? '' : formatDuration(Math.max(0, milliseconds))
}

function row(session: Session): string[] {
  const waits =
    session.waitsFor === undefined
      ? ''
      : session.blockedBy.length > 0
        ? `${session.waitsFor}, held by ${session.blockedBy.map(blocker).join(', ')}`
        : session.waitsFor
  return [
    String(session.pid),
    session.user ?? '',
    session.application ?? '',
    session.client ?? 'local',
    session.state ?? '',
    age(session.transactionAge),
    age(session.queryAge),
    waits,
    (session.query ?? '').replace(/\s+/g, ' '),
  ].map(printable)
}

function blocker(pid: number): string {
  return pid === 0 ? 'a prepared transaction' : String(pid)
}

/** The sessions as a table, and below it who blocks whom. */
export function sessionTable(sessions: readonly Session[], width: number | undefined): string {
  const lines = table(HEADING, sessions.map(row), width ?? WIDE)
  const tree = blockingTree(sessions)
  for (const [pid, waiting] of tree) {
    const session = sessions.find((one) => one.pid === pid)
    const who = session
      ? ` (${[session.application ?? session.user, session.state].filter(Boolean).join(', ')})`
      : ''
    lines.push(`${pid === 0 ? 'A prepared transaction' : pid}${printable(who)} blocks ${waiting.join(', ')}`)
  }
  return lines.join('\n')
}
