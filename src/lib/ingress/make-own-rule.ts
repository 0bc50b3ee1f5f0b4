import { setTimeout as pause } from 'node:timers/promises'
import { isAwsError } from '../aws/errors.ts'
import { InterruptedError } from '../errors.ts'
import { asGroupError, groupFull } from './group-errors.ts'
import { leaseEnd } from './lease.ts'
import { lets, TAG, type IngressRule } from './rule.ts'
import type { RuleWork } from './update-rule.ts'

/** Where the rule is made, and what is known of the group. */
interface Place {
  groupId: string
  owner: string
  /** All inbound rules of the group, and perhaps of others. */
  rules: readonly IngressRule[]
  /** Those that may go to make room, if there is none, whichever there are first. */
  spare: readonly (readonly IngressRule[])[]
}

interface MadeRule {
  ruleId: string
  /** Whose it is. */
  owner: string | undefined
  /** Whether somebody else's lets the range in, made meanwhile. */
  byOthers: boolean
  /** The rules that had to make room. */
  removed: string[]
}

/** How often it is tried again when AWS says that there is such a rule, and shows none; and after how many milliseconds. */
const TRIES = 3
const usualPace = () => 200 + 600 * Math.random()

/**
 * Makes the rule. Somebody else may do so at the same moment; a full group is tidied up, once.
 * @throws {CruddurError} `SECURITY_GROUP_NOT_FOUND`, `SECURITY_GROUP_FULL`, `AWS_…`
 */
export async function makeOwnRule(work: RuleWork, place: Place): Promise<MadeRule> {
  const { groups, cidr, port, workspace, now, pace = usualPace } = work
  const { groupId, owner } = place
  const description = work.description ?? `${owner}@${workspace}`
  const tags = { [TAG.owner]: owner, [TAG.workspace]: workspace, [TAG.expires]: leaseEnd(cidr, now) }
  const removed: string[] = []
  for (let tries = 1; ; tries++) {
    try {
      const ruleId = await groups.authorize(groupId, { cidr, port, description }, tags)
      return { ruleId, owner, byOthers: false, removed }
    } catch (error) {
      if (isAwsError(error, 'InvalidPermission.Duplicate')) {
        const found = (await groups.rules([groupId])).find((rule) => lets(rule, cidr, port))
        if (found) return { ...madeMeanwhile(found, owner, workspace), removed }
        if (tries > TRIES) throw error
        await pause(pace(), undefined, work.signal ? { signal: work.signal } : {}).catch(() => {
          throw new InterruptedError()
        })
      } else if (isAwsError(error, 'RulesPerSecurityGroupLimitExceeded')) {
        const room = place.spare
          .map((rules) => rules.filter((rule) => rule.groupId === groupId))
          .find((rules) => rules.length > 0)
        if (!room || removed.length > 0) throw groupFull(groupId, place.rules, now, error)
        await groups.revoke(room)
        removed.push(...room.map(({ id }) => id))
      } else throw asGroupError(error, work, groupId)
    }
  }
}

function madeMeanwhile(
  { id, tags }: IngressRule,
  owner: string,
  workspace: string,
): Omit<MadeRule, 'removed'> {
  const isOurs = tags[TAG.owner] === owner && tags[TAG.workspace] === workspace
  return { ruleId: id, owner: tags[TAG.owner], byOthers: !isOurs }
}
