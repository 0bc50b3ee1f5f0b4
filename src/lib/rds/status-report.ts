import { formatDuration } from '../duration.ts'
import { CruddurError } from '../errors.ts'
import type { OnProgress } from '../progress.ts'
import type { Database } from './database.ts'

/** A database and where it is, for messages. */
type Standing = Pick<Database, 'id' | 'status'>

/** Tells where a database has got to, and after how many milliseconds. */
export function tellStatus(
  onProgress: OnProgress | undefined,
  { id, status }: Standing,
  elapsed: number,
): void {
  onProgress?.({ type: 'note', level: 'info', text: `${id} is ${status} (after ${formatDuration(elapsed)})` })
}

/** What can be done about a status that AWS does not get a database out of by itself. */
export function wayOut({ status }: Standing): string {
  return status === 'storage-full'
    ? 'Give it more storage: aws rds modify-db-instance --allocated-storage …'
    : 'The events of the database in the console say why; restoring a snapshot may be the way out.'
}

/**
 * For a status that AWS does not get a database out of by itself.
 * @param what cannot be done, e.g. `be brought to start`
 */
export function broken(what: string, { id, status }: Standing): CruddurError {
  return new CruddurError(`${id} cannot ${what}: its status is ${status}.`, {
    code: 'INSTANCE_BROKEN',
    hint: wayOut({ id, status }),
    details: { id, status },
  })
}

/** For a status in which something else goes on, where nobody waits for its end. */
export function busy(what: string, { id, status }: Standing): CruddurError {
  return new CruddurError(`${id} cannot ${what} now: its status is ${status}.`, {
    code: 'INSTANCE_BUSY',
    hint: 'Without --no-wait, what goes on is waited for.',
    details: { id, status },
  })
}

/**
 * For a wait that has ended before the work of AWS.
 * @param doing what goes on, e.g. `Stopping cruddur-db`
 * @param timeout in milliseconds
 * @param resume how to wait on
 */
export function tooLong(
  doing: string,
  { id, status }: Standing,
  timeout: number,
  resume: string,
): CruddurError {
  return new CruddurError(
    `${doing} takes longer than ${Math.round(timeout / 60_000)} min; its status is ${status}.`,
    {
      code: 'AWS_TIMEOUT',
      kind: 'unreachable',
      hint: `AWS goes on by itself. ${resume}`,
      details: { id, status },
    },
  )
}
