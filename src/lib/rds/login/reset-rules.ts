import type { NameQuestion } from '../../confirm-name.ts'
import { CruddurError } from '../../errors.ts'
import { type Database, NOUN } from '../database.ts'
import { type Phase, phaseOf } from '../database-phase.ts'
import { busy } from '../status-report.ts'

/** How another password comes about: it is set, or Secrets Manager is to keep it from now on, or makes another one. */
export type ResetMode = 'set' | 'manage' | 'rotate'

/** What may be done about a master user's password in a phase: AWS takes it, or will soon, or must be helped first. */
const MOVES: Readonly<Record<Phase, 'act' | 'wait' | 'start' | 'never'>> = {
  up: 'act',
  rising: 'wait',
  busy: 'wait',
  // "You can't modify a stopped DB instance" (user guide, "Stopping a DB instance": limitations).
  falling: 'start',
  down: 'start',
  broken: 'never',
  gone: 'never',
}

/**
 * Whether AWS would take another password now. It would refuse some with less to go by, and take others that have no effect.
 * @param wait whether a status that passes by itself is waited for
 * @returns `wait` if it must be waited until the database is available
 * @throws {CruddurError} `INSTANCE_STOPPED`, `INSTANCE_BUSY`, `INSTANCE_BROKEN`, `INSTANCE_OF_CLUSTER`, `INSTANCE_IS_REPLICA`,
 * `MASTER_HAS_NO_PASSWORD`
 */
export function requireResettable(database: Database, wait: boolean): 'act' | 'wait' {
  requireOwnPassword(database)
  const { id, status } = database
  const move = MOVES[phaseOf(status)]
  if (move === 'act') return move
  if (move === 'wait') {
    if (wait) return move
    throw busy('get another password', database)
  }
  const stopped = move === 'start'
  throw new CruddurError(`${id} cannot get another password: its status is ${status}.`, {
    code: stopped ? 'INSTANCE_STOPPED' : 'INSTANCE_BROKEN',
    kind: 'refused',
    hint: stopped
      ? `Start it first: cruddur rds start ${id}`
      : 'The events of the database in the console say what is the matter.',
    details: { id, status },
  })
}

function requireOwnPassword({ id, kind, cluster, replicaOf, masterLogin, masterUser }: Database): void {
  if (cluster !== undefined)
    throw new CruddurError(`${id} belongs to the Aurora cluster ${cluster}, which has the master user.`, {
      code: 'INSTANCE_OF_CLUSTER',
      hint: `Name the cluster: cruddur rds reset-password ${cluster}`,
      details: { id, cluster },
    })
  if (replicaOf !== undefined)
    throw new CruddurError(`${id} is a replica of ${replicaOf} and has its users and passwords from there.`, {
      code: 'INSTANCE_IS_REPLICA',
      kind: 'refused',
      hint: `Name what it follows: cruddur rds reset-password ${replicaOf}`,
      details: { id, replicaOf, kind },
    })
  if (masterLogin === 'iam')
    throw new CruddurError(`${masterUser} of ${id} has no password: it logs in with tokens of IAM.`, {
      code: 'MASTER_HAS_NO_PASSWORD',
      kind: 'refused',
      hint: `cruddur rds url ${id} --iam --reveal makes one.`,
      details: { id, user: masterUser },
    })
}

/** What a person is asked before whatever runs with the old password is cut off. */
export function resetQuestion(database: Database, mode: ResetMode): NameQuestion {
  const { id, kind, endpoint, databaseName, masterUser, status } = database
  const noun = NOUN[kind]
  const whose = mode === 'set' ? '' : ', which Secrets Manager makes and keeps'
  return {
    action: 'reset the password of',
    noun,
    name: id,
    lines: [
      `${noun}  ${id}, ${status}`,
      `host      ${endpoint === undefined ? 'none yet' : `${endpoint.host}:${endpoint.port}`}`,
      `database  ${databaseName ?? 'none of its own'}`,
      `user      ${masterUser} gets another password${whose}`,
      'whatever logs in with the old password fails from then on',
    ],
    details: { id, kind, status, user: masterUser, mode },
  }
}
