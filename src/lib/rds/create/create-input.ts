import { Checklist } from './checklist.ts'
import { CLUSTER_INPUTS, clusterPart } from './cluster-input.ts'
import { defaultDatabaseName, defaultIdentifier, defaultMasterUser } from './create-defaults.ts'
import * as rules from './create-rules.ts'
import { engineVersionNote, engineVersionProblem } from './engine-version-rules.ts'
import { DEFAULT_MAJOR } from '../status/engine-versions.ts'
import type { DatabaseKind } from '../database.ts'
import { INSTANCE_INPUTS, instancePart } from './instance-input.ts'
import type { NewDatabase } from './new-database.ts'
import { type NewLogin, PASSWORD_MODES } from '../login/password-modes.ts'
import { passwordProblems } from '../login/password.ts'

/** What a new database is to be like, by the names of the flags and as it was typed; what is not there gets its default. */
export interface CreateWish {
  identifier?: string | undefined
  class?: string | undefined
  storage?: string | undefined
  'storage-type'?: string | undefined
  'engine-version'?: string | undefined
  port?: string | undefined
  database?: string | undefined
  user?: string | undefined
  'multi-az'?: boolean | undefined
  zone?: string | undefined
  'backup-days'?: string | undefined
  'subnet-group'?: string | undefined
  /** Ids of security groups. */
  group?: readonly string[] | undefined
  public?: boolean | undefined
  /** `generated`, `managed` or `stdin`: how there comes to be a password, never the password itself. */
  password?: string | undefined
  /** `password` or `iam`. */
  auth?: string | undefined
  /** Whether it is to be a cluster of Aurora Serverless v2, not an instance. */
  aurora?: boolean | undefined
  /** Between how many capacity units a cluster moves. */
  'min-acu'?: string | undefined
  'max-acu'?: string | undefined
  /** How long nobody may be connected before a cluster pauses. */
  'auto-pause'?: string | undefined
  /** Whether it is for production, and so must not be deleted by mistake. */
  prod?: boolean | undefined
}

/** What the checks must know besides. */
export interface CreateContext {
  /** The project's name as that of its database: lower case with underscores. Defaults are made of it. */
  project: string
  region: string
  now: Date
  /** What was given for `stdin`. */
  givenPassword?: string | undefined
}

/** What came of the checks. */
export interface CheckedInput {
  database: NewDatabase
  /** What was asked for, other than left to its default. */
  asked: ReadonlySet<keyof CreateWish>
  /** What a person should know about it. */
  notes: string[]
}

/**
 * Checks what a new database is to be like against all that AWS is known to refuse, without asking AWS, and fills in the
 * defaults.
 * @throws {UsageError} `CREATE_INVALID`, with all mistakes in `details.problems`
 */
export function checkCreateInput(wish: CreateWish, context: CreateContext): CheckedInput {
  const { project, region, now } = context
  const list = new Checklist()
  const kind = wish.aurora ? 'cluster' : 'instance'
  const identifier = list.take('identifier', wish.identifier, defaultIdentifier(project, kind), (text) =>
    rules.identifierProblem(text, kind),
  )
  const version = list.take('engine-version', wish['engine-version'], String(DEFAULT_MAJOR), (text) =>
    engineVersionProblem(text, now),
  )
  for (const group of wish.group ?? []) list.take('group', group, '', rules.securityGroupProblem)
  if (kind === 'cluster')
    list.refuse(wish, INSTANCE_INPUTS, 'has no meaning with --aurora, which grows and spreads by itself')
  else list.refuse(wish, CLUSTER_INPUTS, 'has no meaning without --aurora')
  const common = {
    id: identifier.toLowerCase(),
    engineVersion: version,
    port: Number(list.take('port', wish.port, '5432', rules.portProblem)),
    databaseName: list.take(
      'database',
      wish.database,
      defaultDatabaseName(project),
      rules.databaseNameProblem,
    ),
    masterUser: list.take('user', wish.user, defaultMasterUser(project), rules.masterUserProblem),
    login: checkLogin(list, wish, kind, context.givenPassword),
    publiclyAccessible: wish.public ?? true,
    backupDays: Number(
      list.take('backup-days', wish['backup-days'], '1', (text) => rules.backupDaysProblem(text, kind)),
    ),
    deletionProtection: wish.prod ?? false,
    securityGroups: wish.group ?? [],
    subnetGroup: list.takeOptional('subnet-group', wish['subnet-group'], rules.subnetGroupProblem),
    project,
  }
  const database: NewDatabase =
    kind === 'cluster'
      ? { ...common, kind, ...clusterPart(list, wish, version) }
      : { ...common, kind, ...instancePart(list, wish, region) }
  list.throwIfAny()
  const asked = Object.entries(wish).filter(([, value]) => value !== undefined)
  return {
    database,
    asked: new Set(asked.map(([input]) => input as keyof CreateWish)),
    notes: notesOn(database, identifier, now),
  }
}

function checkLogin(
  list: Checklist,
  { password, auth }: CreateWish,
  kind: DatabaseKind,
  given: string | undefined,
): NewLogin {
  list.take('auth', auth, 'password', (text) =>
    text === 'password' || text === 'iam' ? undefined : 'is none of password, iam',
  )
  const login = PASSWORD_MODES.get(password ?? 'generated')
  const problems =
    login === undefined
      ? [
          'takes generated, managed or stdin; a password itself never stands on the command line, where others can read it',
        ]
      : auth === 'iam' && password !== undefined
        ? ['has no meaning with --auth iam, which is without any']
        : login === 'given'
          ? givenProblems(given, kind)
          : []
  // Without its value: what was typed there may be one.
  list.problems.push(...problems.map((problem) => ({ input: 'password' as const, problem })))
  return auth === 'iam' ? 'iam' : (login ?? 'generated')
}

function givenProblems(password: string | undefined, kind: DatabaseKind): string[] {
  if (!password) return ['was not given: type it on a terminal, or pipe it in']
  return passwordProblems(password, kind).map((problem) => `cannot be taken: ${problem}`)
}

function notesOn(database: NewDatabase, identifier: string, now: Date): string[] {
  const { id, login, backupDays, engineVersion } = database
  return [
    id === identifier ? undefined : `RDS keeps identifiers in lower case: it will be ${id}.`,
    engineVersionNote(engineVersion, now),
    backupDays === 0 ? 'Without backups there is no way back to an earlier moment.' : undefined,
    login === 'managed'
      ? 'Secrets Manager changes a managed password every 7 days, so it is never written to .env: cruddur rds url reads it when it is needed.'
      : undefined,
  ].filter((note) => note !== undefined)
}
