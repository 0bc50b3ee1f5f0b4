import { sha256 } from '../../sha256.ts'
import type { Database, DatabaseKind } from '../database.ts'
import { TAG } from '../tags.ts'

/** How a database of a kind is stopped: the operation, its parameter as Scheduler spells it, and what the kind is called. */
const STOP: Readonly<
  Record<DatabaseKind, { operation: string; parameter: string; noun: string; mark: string }>
> = {
  instance: {
    operation: 'StopDBInstance',
    parameter: 'DbInstanceIdentifier',
    noun: 'RDS instance',
    mark: '',
  },
  cluster: {
    operation: 'StopDBCluster',
    parameter: 'DbClusterIdentifier',
    noun: 'Aurora cluster',
    mark: 'cluster.',
  },
}

/** What keeps one database stopped: everything follows from its ARN, so nothing has to be remembered. */
export interface KeepPlan {
  /** The name of the schedule, which is in the group `default`. */
  schedule: string
  scheduleArn: string
  /** The name of the role that the schedule has. */
  role: string
  roleArn: string
  /** How often the database is stopped, as Scheduler has it. */
  every: string
  /** The IAM action that is all the role may do, e.g. `rds:StopDBInstance`, and only to this database. */
  action: string
  databaseArn: string
  /** What Scheduler calls, e.g. `arn:aws:scheduler:::aws-sdk:rds:stopDBInstance`. */
  target: string
  /** What it is called with, as JSON. */
  input: string
  /** Who may take the role on. */
  trustPolicy: object
  /** What the role may do. */
  policy: object
  /** For the description of role and schedule. */
  description: string
}

/** The name of the role's inline policy. */
export const POLICY_NAME = 'stop'

/** A start that nobody wanted, once in seven days, costs an hour at most. */
const EVERY = 'rate(1 hour)'

/** The longest name of a role (IAM API reference, `CreateRole`) and of a schedule (Scheduler's, `CreateSchedule`), in characters. */
const LONGEST = 64

/** How many of the hash's digits a shortened name ends with. */
const DIGITS = 10

/** Plans what keeps a database stopped. */
export function planKeep({ kind, id, arn }: Pick<Database, 'kind' | 'id' | 'arn'>): KeepPlan {
  const [, partition = '', , region = '', account = ''] = arn.split(':')
  const { operation, parameter, noun, mark } = STOP[kind]
  const schedule = shortened(`cruddur-keep-${mark}${id}`)
  // Roles are the account's, not the region's.
  const role = shortened(`cruddur-keep-${region}-${mark}${id}`)
  const scheduler = `arn:${partition}:scheduler:${region}:${account}`
  const action = `rds:${operation}`
  return {
    schedule,
    scheduleArn: `${scheduler}:schedule/default/${schedule}`,
    role,
    roleArn: `arn:${partition}:iam::${account}:role/${role}`,
    every: EVERY,
    action,
    databaseArn: arn,
    target: `arn:${partition}:scheduler:::aws-sdk:rds:${operation.replace('Stop', 'stop')}`,
    input: JSON.stringify({ [parameter]: id }),
    trustPolicy: trust(account, `${scheduler}:schedule-group/default`),
    policy: document({ Effect: 'Allow', Action: action, Resource: arn }),
    description: `Stops the ${noun} ${id} within the hour when AWS has started it. Made by cruddur rds stop --keep.`,
  }
}

/** Whether a database is, or was, kept stopped: told by its tag, so that it costs no call. */
export function isTagged({ tags }: Pick<Database, 'tags'>): boolean {
  return tags[TAG.keepStopped] !== undefined
}

/**
 * The conditions keep Scheduler from being used by another account (EventBridge Scheduler user guide, "Confused deputy
 * prevention", which wants the group there, not the schedule).
 */
function trust(account: string, group: string): object {
  return document({
    Effect: 'Allow',
    Principal: { Service: 'scheduler.amazonaws.com' },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'aws:SourceAccount': account, 'aws:SourceArn': group } },
  })
}

function document(statement: object): object {
  return { Version: '2012-10-17', Statement: [statement] }
}

/** A name within the limit; two that begin alike stay different. No identifier has a dot, so none has such a name by itself. */
function shortened(name: string): string {
  if (name.length <= LONGEST) return name
  const hash = sha256().update(name).digest('hex').slice(0, DIGITS)
  return `${name.slice(0, LONGEST - DIGITS - 1)}.${hash}`
}
