import { formatDuration } from '../duration.ts'
import type { Access, AccessRule } from '../ingress/access.ts'
import { table } from './format.ts'

/** How much of a tag is shown, in characters; it may have 256, and would push aside what stands behind it. */
const MOST = 32

/** How wide lines are where there is no terminal. */
const WIDE = 1000

const HEADING = ['FROM', 'PORTS', 'OWNER', 'WORKSPACE', 'SET', 'LEASE', 'RULE', 'GROUP', 'DESCRIPTION']

/**
 * Who may connect, a line each.
 * @param at what leases are compared with
 * @param width characters a line may have
 */
export function accessTable({ rules }: Access, at: Date, width: number | undefined): string[] {
  const rows = rules.map((rule) => row(rule, at))
  return table(HEADING, rows, width ?? WIDE)
}

function row(rule: AccessRule, at: Date): string[] {
  return [
    rule.world ? `${rule.from} (the whole world)` : rule.from,
    portsOf(rule),
    clipped(rule.owner),
    clipped(rule.workspace),
    rule.setAt === undefined ? '' : `${formatDuration(at.getTime() - rule.setAt.getTime())} ago`,
    leaseOf(rule, at),
    rule.id,
    rule.groupId,
    rule.description,
  ]
}

function portsOf({ protocol, fromPort, toPort }: AccessRule): string {
  if (protocol === '-1') return 'all'
  return fromPort === toPort ? String(fromPort) : `${fromPort}-${toPort}`
}

function leaseOf({ expires, expired }: AccessRule, at: Date): string {
  if (expires === undefined) return ''
  const distance = formatDuration(Math.abs(expires.getTime() - at.getTime()))
  return expired ? `ended ${distance} ago` : `${distance} left`
}

function clipped(text = ''): string {
  return text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text
}
