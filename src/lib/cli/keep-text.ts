import type { KeepChange, KeepPart, KeepResult } from '../rds/keep/result.ts'
import type { PowerResult } from '../rds/power.ts'

/** What stopping a database has done about keeping it so, and when AWS will start it: a line each. */
export function describeKeep({ keep, restartsAt, dryRun }: PowerResult): string[] {
  const lines = keep ? describeChanges(keep, dryRun) : []
  const start = restartsAt && `AWS will start it by itself on ${restartsAt.toISOString()}`
  if (keep?.state === 'on' && !dryRun)
    lines.push(
      `${start ?? 'AWS starts it by itself after seven days'}; the schedule ${keep.schedule} stops it again within the hour.`,
    )
  else if (start) lines.push(`${start}: an instance stays stopped for seven days at most.`)
  if (keep?.state === 'off')
    lines.push(`The schedule ${keep.schedule} is switched off; --keep switches it on again.`)
  return lines
}

/** What starting a database has done about the schedule that keeps it stopped. */
export function describeSuspended({ schedule, state, changes }: KeepResult, { dryRun }: PowerResult): string {
  const again = 'rds stop --keep makes it keep it stopped again'
  if (state === 'none') return `It was kept stopped, but its schedule ${schedule} is gone; ${again}.`
  if (changes.length === 0) return `The schedule ${schedule} was switched off already; ${again}.`
  return `${dryRun ? 'Would first switch off the schedule' : 'Switched off first: the schedule'} ${schedule}, which would stop it again; ${again}.`
}

function describeChanges(keep: KeepResult, dryRun: boolean): string[] {
  return keep.changes.map(({ part, done }) => {
    const what = PARTS[part](keep)
    return dryRun ? `Would ${WOULD[done]} ${what}.` : `${DONE[done]} ${what}.`
  })
}

const PARTS: Readonly<Record<KeepPart, (keep: KeepResult) => string>> = {
  role: ({ role }) => `the role ${role}, for EventBridge Scheduler only`,
  policy: ({ action }) => `its policy: ${action}, and of this database only`,
  tag: () => 'the tag on the database by which rds start knows of the schedule',
  schedule: ({ schedule, every, action }) => `the schedule ${schedule}: ${action}, ${every}`,
}

const DONE: Readonly<Record<KeepChange['done'], string>> = {
  created: 'Created',
  updated: 'Updated',
  removed: 'Removed',
}

const WOULD: Readonly<Record<KeepChange['done'], string>> = {
  created: 'create',
  updated: 'update',
  removed: 'remove',
}
