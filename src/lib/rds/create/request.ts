import { randomBytes } from 'node:crypto'
import { isAwsError } from '../../aws/errors.ts'
import { CruddurError, InterruptedError } from '../../errors.ts'
import type { Creations } from './creations.ts'
import { dropPending, keepPending } from './create-urls.ts'
import type { NewDatabase } from './new-database.ts'
import { generatePassword } from '../login/password.ts'
import type { Pending } from './pending-url.ts'
import { explainRefusal } from '../rds-failures.ts'
import { TAG, tagValue } from '../tags.ts'
import type { UrlFile } from './url-file.ts'

/** What asking for a new database takes. */
export interface RequestOptions {
  creations: Creations
  database: NewDatabase
  region: string
  /** Who asks. */
  owner: string
  file: UrlFile
  /** The password that somebody has given. */
  password: string | undefined
  /** What an earlier run has kept. */
  pending: Pending | undefined
  /** The command that looks how it goes. */
  resume: string
  onSecret: ((secret: string) => void) | undefined
}

/**
 * Asks RDS for an instance, after what must not be lost has been written into the file. Where the answer is lost, it stays
 * there for the next run; where RDS refuses, it is taken out again.
 * @returns the request; `undefined` where the identifier is another one's by now
 * @throws {CruddurError} as `explainRefusal` says; `AWS_…`
 */
export async function requestDatabase(options: RequestOptions): Promise<Pending | undefined> {
  const { creations, database, file, owner } = options
  const again = isRepeatable(options) ? options.pending : undefined
  const request = again ?? newRequest(options)
  if (request.password !== undefined) options.onSecret?.(request.password)
  await keepPending(file, database, request)
  const tags = tagsOf(database, owner, request)
  try {
    await creations.create(database, tags, request.password)
    return request
  } catch (error) {
    const refused = isRefusal(error)
    const exists = isAwsError(error, 'DBInstanceAlreadyExists') || isAwsError(error, 'DBClusterAlreadyExists')
    // A second try finds what the first has made.
    if (exists && (!refused || again)) return request
    if (refused) await dropPending(file)
    if (exists) return undefined
    throw refused ? explainRefusal(database.id, error) : unknownOutcome(error, options)
  }
}

/** Whether what is pending is this very request, whose answer was lost. */
function isRepeatable({ pending, database: { login }, password }: RequestOptions): boolean {
  if (!pending) return false
  if (login === 'generated') return pending.password !== undefined
  return pending.password === password
}

function newRequest({ database: { id, login }, region, password }: RequestOptions): Pending {
  return {
    id,
    region,
    request: randomBytes(6).toString('hex'),
    password: login === 'generated' ? generatePassword() : password,
  }
}

function tagsOf(
  { kind, project, login, publiclyAccessible }: NewDatabase,
  owner: string,
  { request }: Pending,
): Record<string, string> {
  return {
    [TAG.project]: tagValue(project),
    [TAG.owner]: tagValue(owner),
    [TAG.createdBy]: 'cruddur',
    [TAG.request]: request,
    ...(login === 'iam' ? { [TAG.login]: 'iam' } : {}),
    ...(kind === 'cluster' && !publiclyAccessible ? { [TAG.public]: 'no' } : {}),
  }
}

/** Whether RDS has said no for certain: to the first try, as a later one may meet what the first has begun. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof CruddurError) || error.kind !== 'failed') return false
  const { $metadata } = (error.cause ?? {}) as { $metadata?: { attempts?: number; httpStatusCode?: number } }
  return ($metadata?.attempts ?? 1) === 1 && ($metadata?.httpStatusCode ?? 400) < 500
}

function unknownOutcome(error: unknown, { file, resume }: RequestOptions): unknown {
  if (!(error instanceof CruddurError)) return error
  const hint = `What was sent is kept in ${file.path}. To see how it goes: ${resume}`
  if (error instanceof InterruptedError)
    return new InterruptedError('Interrupted; whether RDS has begun is not known.', hint)
  return new CruddurError(`${error.message} Whether RDS has begun is not known.`, {
    code: error.code,
    kind: error.kind,
    hint,
    context: error.context,
    details: error.details,
    cause: error.cause,
  })
}
