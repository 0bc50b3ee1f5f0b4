import { isOneAddress } from './range.ts'
import { TAG, type IngressRule } from './rule.ts'

/** Milliseconds. */
const DAY = 86_400_000

/** How long a rule is somebody's without being used, in milliseconds: a range lets strangers in, so it is asked for daily. */
function lengthFor(cidr: string): number {
  return isOneAddress(cidr) ? 30 * DAY : DAY
}

/** When a lease ends that begins now, as its tag says it. */
export function leaseEnd(cidr: string, now: Date): string {
  return new Date(now.getTime() + lengthFor(cidr)).toISOString()
}

/** How long the lease of a rule goes on, in milliseconds; NaN for a rule without one. */
function timeLeft(rule: IngressRule, now: Date): number {
  return Date.parse(rule.tags[TAG.expires] ?? '') - now.getTime()
}

/** Whether the lease of a rule that cruddur made has ended. */
export function isExpired(rule: IngressRule, now: Date): boolean {
  return timeLeft(rule, now) < 0
}

/** Whether a rule that is in use needs its lease renewed: only in its last third, since most runs change nothing. */
export function needsRenewal(rule: IngressRule, now: Date): boolean {
  return !(timeLeft(rule, now) >= lengthFor(rule.cidr ?? '') / 3)
}

/** How long ago the lease of a rule was written, in milliseconds; `undefined` for a rule without one. */
export function leaseAge(rule: IngressRule, now: Date): number | undefined {
  const age = lengthFor(rule.cidr ?? '') - timeLeft(rule, now)
  return age >= 0 ? age : undefined
}
