import { CruddurError, InterruptedError } from '../../errors.ts'
import { cruddurCommand } from '../resume.ts'
import { findKeep } from './find-keep.ts'
import { keepStopped, type KeepStoppedOptions } from './keep-stopped.ts'
import { keepWarning } from './keep-warning.ts'
import { isTagged, planKeep } from './plan.ts'
import { removeKeep } from './remove-keep.ts'
import { type KeepResult, keepResult } from './result.ts'
import { retell } from './retell.ts'

/**
 * What stopping a database does about keeping it so, before AWS is asked to stop it.
 * @param keep whether it is to be kept stopped; when not given, all stays as it is, and is only looked at
 * @returns `undefined` when it is not kept, or that could not be found out
 * @throws {CruddurError} as `keepStopped` and `removeKeep`: then AWS has not been asked to stop it
 */
export async function keepOnStop(
  keep: boolean | undefined,
  options: KeepStoppedOptions,
): Promise<KeepResult | undefined> {
  if (keep === true) return keepStopped(options)
  if (keep === false) return removeKeep({ ...options, thorough: true })
  if (!isTagged(options.database)) return undefined
  const warn = (text: string) => options.onProgress?.({ type: 'note', level: 'warning', text })
  try {
    const found = await findKeep(options)
    const { state, every, changes } = found
    // That it runs is no news to who stops it.
    const warning = keepWarning(options.database, { ...found, stopsSoon: false })
    if (warning !== undefined) warn(warning)
    return { ...keepResult(planKeep(options.database), state, changes), every }
  } catch (error) {
    if (!(error instanceof CruddurError) || error instanceof InterruptedError) throw error
    warn(`Whether ${options.database.id} is kept stopped could not be found out: ${error.message}`)
    return undefined
  }
}

/** The error of a call to start or stop a database, with what has been done to its schedule before. */
export function afterKeep(
  error: unknown,
  keep: KeepResult | undefined,
  { database, aws }: Pick<KeepStoppedOptions, 'database' | 'aws'>,
): unknown {
  if (!keep || keep.changes.length === 0) return error
  const command = (flag: string) => cruddurCommand(`rds stop ${database.id} ${flag}`, aws)
  return retell(error, {
    context:
      keep.state === 'on'
        ? `The schedule ${keep.schedule} is on, and stops it within the hour all the same. To remove it: ${command('--no-keep')}`
        : `Its schedule is off now. To keep it stopped again: ${command('--keep')}`,
  })
}
