import type { Database } from '../database.ts'
import type { Keep } from './find-keep.ts'

/** What a person should know of how a database is kept stopped, if there is anything. */
export function keepWarning(
  { id }: Pick<Database, 'id'>,
  { state, schedule, problems, stopsSoon }: Keep,
): string | undefined {
  if (state === 'broken')
    return `${id} is not kept stopped as it should be: ${problems.join('; ')}. cruddur rds stop ${id} --keep sets that right.`
  if (stopsSoon)
    return `${id} is kept stopped, but runs: the schedule ${schedule} stops it within the hour. cruddur rds start ${id} switches the schedule off.`
  return undefined
}
