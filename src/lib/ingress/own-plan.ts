import { isExpired, needsRenewal } from './lease.ts'
import { lets, TAG, type IngressRule } from './rule.ts'

/** What somebody wants of the rules of some security groups. */
export interface RuleWish {
  cidr: string
  port: number
  workspace: string
  now: Date
  prune: boolean
}

/** What there is to do for somebody. */
export interface OwnPlan {
  /** The rule that lets the range in: one of this owner and workspace if there is one, else anybody's. */
  present: IngressRule | undefined
  /** Whether that is a rule of this owner and workspace. */
  isOurs: boolean
  /** Whether its lease must be renewed. */
  renewal: boolean
  /** The other rules of this owner and workspace. */
  outdated: IngressRule[]
  /** Those of this owner's other workspaces whose lease has ended; not the one that lets us in. */
  expired: IngressRule[]
}

/** Plans for an owner; where that is `undefined`, for whoever: then it is all that may be there to do. */
export function planFor(
  rules: readonly IngressRule[],
  { cidr, port, workspace, now }: RuleWish,
  owner: string | undefined,
): OwnPlan {
  const isOwned = ({ tags }: IngressRule) =>
    owner === undefined ? tags[TAG.owner] !== undefined : tags[TAG.owner] === owner
  const owned = rules.filter(isOwned)
  // One on another port is for another database behind the same group.
  const mine = owned.filter(
    ({ tags, fromPort, toPort }) => tags[TAG.workspace] === workspace && fromPort === port && toPort === port,
  )
  const letting = (rule: IngressRule) => lets(rule, cidr, port)
  const present = mine.find(letting) ?? rules.find(letting)
  const isOurs = present !== undefined && mine.includes(present)
  return {
    present,
    isOurs,
    renewal: isOurs && needsRenewal(present, now),
    outdated: mine.filter((rule) => rule !== present),
    expired: owned.filter((rule) => isExpired(rule, now) && !mine.includes(rule) && rule !== present),
  }
}

/**
 * The plan where nothing is to be written, whoever asks; `undefined` where it must be known who does. A rule of this workspace
 * that lets the range in is taken for the asker's own: another one of the same host has nothing to do about it either, and
 * what of theirs is out of date can wait for a run that writes.
 */
export function idlePlan(rules: readonly IngressRule[], wish: RuleWish): OwnPlan | undefined {
  const { present, isOurs } = planFor(rules, wish, undefined)
  const plan = planFor(rules, wish, isOurs ? present?.tags[TAG.owner] : undefined)
  const idle =
    plan.present !== undefined &&
    !plan.renewal &&
    plan.outdated.length === 0 &&
    !(wish.prune && plan.expired.length > 0)
  return idle ? plan : undefined
}
