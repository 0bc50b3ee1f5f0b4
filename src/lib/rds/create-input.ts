import { UsageError } from '../errors.ts'
import { defaultDatabaseName, defaultIdentifier, defaultMasterUser } from './create-defaults.ts'
import * as rules from './create-rules.ts'
import { engineVersionNote, engineVersionProblem } from './engine-version-rules.ts'
import { DEFAULT_MAJOR } from './engine-versions.ts'
import type { NewInstance } from './new-instance.ts'
import { type NewLogin, PASSWORD_MODES } from './password-modes.ts'
import { passwordProblems } from './password.ts'

/** What a new instance is to be like, by the names of the flags and as it was typed; what is not there gets its default. */
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

/** One mistake. */
export interface InputProblem {
  input: keyof CreateWish
  /** What was given; never for `password`. */
  value?: string
  problem: string
}

/** What came of the checks. */
export interface CheckedInput {
  instance: NewInstance
  /** What was asked for, other than left to its default. */
  asked: ReadonlySet<keyof CreateWish>
  /** What a person should know about it. */
  notes: string[]
}

/** Collects the mistakes, so that they are told all at once. */
class Checklist {
  readonly problems: InputProblem[] = []

  /** A value that was typed, checked, or its default. */
  take(
    input: keyof CreateWish,
    value: string | undefined,
    fallback: string,
    rule: (value: string) => rules.Problem,
  ): string {
    const problem = value === undefined ? undefined : rule(value)
    if (value !== undefined && problem !== undefined) this.problems.push({ input, value, problem })
    return value ?? fallback
  }
}

/**
 * Checks what a new instance is to be like against all that AWS is known to refuse, without asking AWS, and fills in the
 * defaults.
 * @throws {UsageError} `CREATE_INVALID`, with all mistakes in `details.problems`
 */
export function checkCreateInput(wish: CreateWish, context: CreateContext): CheckedInput {
  const { project, region, now } = context
  const list = new Checklist()
  const optional = (input: 'zone' | 'subnet-group', rule: (value: string) => rules.Problem) =>
    wish[input] === undefined ? undefined : list.take(input, wish[input], '', rule)

  const identifier = list.take(
    'identifier',
    wish.identifier,
    defaultIdentifier(project),
    rules.identifierProblem,
  )
  const type = list.take('storage-type', wish['storage-type'], 'gp3', rules.storageTypeProblem)
  // Where the type is wrong, the size is still compared with something.
  const storageType = rules.isStorageType(type) ? type : 'gp3'
  const [least] = rules.STORAGE_LIMITS[storageType]
  const gib = Number(
    list.take('storage', wish.storage, String(Math.max(least, 20)), (text) =>
      rules.storageProblem(text, storageType),
    ),
  )
  const version = list.take('engine-version', wish['engine-version'], String(DEFAULT_MAJOR), (text) =>
    engineVersionProblem(text, now),
  )
  for (const group of wish.group ?? []) list.take('group', group, '', rules.securityGroupProblem)
  const instance: NewInstance = {
    kind: 'instance',
    id: identifier.toLowerCase(),
    engineVersion: version,
    className: list.take('class', wish.class, 'db.t4g.micro', rules.classProblem),
    storage: { gib, type: storageType, iops: rules.leastIops(storageType, gib) },
    port: Number(list.take('port', wish.port, '5432', rules.portProblem)),
    databaseName: list.take(
      'database',
      wish.database,
      defaultDatabaseName(project),
      rules.databaseNameProblem,
    ),
    masterUser: list.take('user', wish.user, defaultMasterUser(project), rules.masterUserProblem),
    login: checkLogin(list, wish, context.givenPassword),
    publiclyAccessible: wish.public ?? true,
    multiAz: wish['multi-az'] ?? false,
    zone: optional('zone', (zone) =>
      wish['multi-az']
        ? 'cannot be chosen together with --multi-az: AWS places the two halves'
        : rules.zoneProblem(zone, region),
    ),
    backupDays: Number(list.take('backup-days', wish['backup-days'], '1', rules.backupDaysProblem)),
    deletionProtection: wish.prod ?? false,
    securityGroups: wish.group ?? [],
    subnetGroup: optional('subnet-group', rules.subnetGroupProblem),
    project,
  }
  if (list.problems.length > 0) throw invalid(list.problems)
  const asked = Object.entries(wish).filter(([, value]) => value !== undefined)
  return {
    instance,
    asked: new Set(asked.map(([input]) => input as keyof CreateWish)),
    notes: notesOn(instance, identifier, now),
  }
}

function checkLogin(list: Checklist, { password, auth }: CreateWish, given: string | undefined): NewLogin {
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
          ? givenProblems(given)
          : []
  // Without its value: what was typed there may be one.
  list.problems.push(...problems.map((problem) => ({ input: 'password' as const, problem })))
  return auth === 'iam' ? 'iam' : (login ?? 'generated')
}

function givenProblems(password = ''): string[] {
  if (password === '') return ['was not given: type it on a terminal, or pipe it in']
  return passwordProblems(password).map((problem) => `cannot be taken: ${problem}`)
}

function notesOn(instance: NewInstance, identifier: string, now: Date): string[] {
  const { id, login, backupDays, engineVersion } = instance
  return [
    id === identifier ? undefined : `RDS keeps identifiers in lower case: it will be ${id}.`,
    engineVersionNote(engineVersion, now),
    backupDays === 0 ? 'Without backups there is no way back to an earlier moment.' : undefined,
    login === 'managed'
      ? 'Secrets Manager changes a managed password every 7 days, so it is never written to .env: cruddur rds url reads it when it is needed.'
      : undefined,
  ].filter((note) => note !== undefined)
}

function invalid(problems: readonly InputProblem[]): UsageError {
  const lines = problems.map(({ input, value, problem }) =>
    [input, ...(value === undefined ? [] : [JSON.stringify(value)]), problem].join(' '),
  )
  return new UsageError(
    `AWS would refuse to make this instance${problems.length === 1 ? `: ${lines[0]}` : ` for ${problems.length} reasons`}.`,
    {
      code: 'CREATE_INVALID',
      hint: 'AWS was not asked. cruddur rds create --help says what each flag takes.',
      context: problems.length === 1 ? undefined : lines.join('\n'),
      details: { problems },
    },
  )
}
