import type { AwsSession } from '../aws/session.ts'
import { CruddurError } from '../errors.ts'
import { isExpired, leaseAge } from './lease.ts'
import { reaches, TAG, type IngressRule } from './rule.ts'
import type { SecurityGroups } from './security-group.ts'

export interface AccessOptions {
  aws: AwsSession
  /** The ids of the security groups. */
  groups: readonly string[]
  port: number
  /** By which leases have ended or not. */
  now: Date
  signal?: AbortSignal | undefined
}

/** A rule that lets somebody in. */
export interface AccessRule extends Omit<IngressRule, 'cidr' | 'tags'> {
  /** Whether it lets the whole internet in. */
  world: boolean
  /** Whose it is, if cruddur made it. */
  owner: string | undefined
  workspace: string | undefined
  /** When cruddur last wrote it, if it did. */
  setAt: Date | undefined
  /** When its lease ends, if it has one. */
  expires: Date | undefined
  expired: boolean
}

/** Who may connect, as far as that could be read. */
export interface Access {
  port: number
  /** Those that are open to the world first. */
  rules: AccessRule[]
  /** The groups whose rules could not be read, each with why. */
  unread: { groupId: string; code: string; message: string; hint: string | undefined }[]
}

/** Every address there is, of either family. */
const WORLD: ReadonlySet<string> = new Set(['0.0.0.0/0', '::/0'])

/**
 * Reads whom security groups let in on a port. A group that cannot be read, for want of a permission or otherwise, is told
 * and not thrown: it is part of a larger picture.
 * @throws {InterruptedError}
 */
export async function readAccess(options: AccessOptions): Promise<Access> {
  const { aws, groups, port, signal } = options
  if (groups.length === 0) return { port, rules: [], unread: [] }
  const { SecurityGroups } = await import('./security-group.ts')
  const client = new SecurityGroups(aws, signal)
  try {
    const read = await Promise.all(groups.map((groupId) => readGroup(client, groupId, options)))
    return {
      port,
      rules: read
        .flatMap(({ rules }) => rules)
        .toSorted((one, other) => Number(other.world) - Number(one.world)),
      unread: read.flatMap(({ unread }) => unread),
    }
  } finally {
    client.close()
  }
}

async function readGroup(
  client: SecurityGroups,
  groupId: string,
  { port, now }: AccessOptions,
): Promise<Pick<Access, 'rules' | 'unread'>> {
  try {
    const rules = (await client.rules([groupId])).filter((rule) => reaches(rule, port))
    return { rules: rules.map((rule) => toAccess(rule, now)), unread: [] }
  } catch (error) {
    if (!(error instanceof CruddurError) || error.kind === 'interrupted') throw error
    const { code, message, hint } = error
    return { rules: [], unread: [{ groupId, code, message, hint }] }
  }
}

function toAccess(rule: IngressRule, now: Date): AccessRule {
  const { cidr: _, tags, ...shown } = rule
  const expires = Date.parse(tags[TAG.expires] ?? '')
  const age = leaseAge(rule, now)
  return {
    ...shown,
    world: WORLD.has(rule.from),
    owner: tags[TAG.owner],
    workspace: tags[TAG.workspace],
    setAt: age === undefined ? undefined : new Date(now.getTime() - age),
    expires: Number.isNaN(expires) ? undefined : new Date(expires),
    expired: isExpired(rule, now),
  }
}
