import type { Runtime } from '../runtimes.ts'

/** What to know about a runtime that AWS gives up; `undefined` while it does not. */
export function deprecation(
  { name, deprecatedOn, blockCreateOn, blockUpdateOn }: Runtime,
  now: Date,
): string | undefined {
  const today = now.toISOString().slice(0, 10)
  if (deprecatedOn === undefined || today < deprecatedOn) return undefined
  const since = (date: string, before: string, after: string) =>
    today < date ? ` From ${date} on, ${before}.` : ` ${after} since ${date}.`
  const create = blockCreateOn
    ? since(blockCreateOn, 'no new function may use it', 'No new function may use it')
    : ''
  const update = blockUpdateOn
    ? since(
        blockUpdateOn,
        'no function that uses it may be changed',
        'No function that uses it may be changed',
      )
    : ''
  return `AWS has given no security updates for ${name} since ${deprecatedOn}.${create}${update}`
}
