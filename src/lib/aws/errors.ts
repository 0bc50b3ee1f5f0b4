import { CruddurError, InterruptedError } from '../errors.ts'
import { clockSkew } from './clock-skew.ts'
import { AWS_FAILURES, type AwsFailure } from './error-table.ts'
import type { AwsSession } from './session.ts'
import { shortened } from '../shortened.ts'

/** A call of AWS, for messages about its failure. */
export interface AwsCall {
  /** The IAM action, e.g. `ec2:ModifySecurityGroupRules`. */
  action: string
  /** What it is about, e.g. `sgr-0123`. */
  resource: string
  /** The resources of an IAM policy that would allow it, e.g. `arn:aws:ec2:*:*:security-group/sg-0123`. */
  policyResource: string | readonly string[]
  aws: AwsSession
  signal?: AbortSignal | undefined
}

/** The SDK's name for an error, which is the code on the wire; Node's for one of the network. */
function awsErrorName(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const code = (error as NodeJS.ErrnoException).code
  return error.name === 'Error' || error.name === 'AggregateError' ? (code ?? error.name) : error.name
}

/** Whether one of our errors stands for one of AWS, told by the beginning of its name. */
export function isAwsError(error: unknown, name: string): error is CruddurError {
  return error instanceof CruddurError && awsErrorName(error.cause).startsWith(name)
}

/**
 * Does a call, and translates what it fails with.
 * @param work sends the command with the options that it is given
 * @throws {CruddurError} `AWS_…`, see `error-table.ts`
 * @throws {InterruptedError} when it was aborted
 */
export async function callAws<T>(
  call: AwsCall,
  work: (options: { abortSignal?: AbortSignal }) => Promise<T>,
): Promise<T> {
  const { signal } = call
  try {
    return await (signal ? unlessAborted(work({ abortSignal: signal }), signal) : work({}))
  } catch (error) {
    throw translate(error, call)
  }
}

/** The SDK's signal ends requests, but not the search for credentials, which may ask services of its own. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new InterruptedError())
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}

/** An error of the SDK as one of ours; one that is ours already stays as it is. */
function translate(error: unknown, call: AwsCall): unknown {
  if (error instanceof CruddurError) return error
  const name = awsErrorName(error)
  if (name === 'AbortError') return new InterruptedError()
  const failure = failureOf(name, error)
  const { action, resource, aws } = call
  const where = `${action} on ${resource} in ${aws.region}${aws.profile === undefined ? '' : ` as profile "${aws.profile}"`}`
  const said = sayings(error)
  if (!failure)
    return new CruddurError(`AWS refused ${where}: ${name}${said}.`, {
      code: 'AWS_ERROR',
      details: { awsCode: name, action, resource, region: aws.region },
      cause: error,
    })
  return new CruddurError(
    `${failure.text}${particulars(failure, error)} (${where})${hidesMore(failure) ? '' : `: ${name}${said}`}.`,
    {
      code: failure.code,
      kind: failure.kind,
      hint: hintFor(failure, error, call),
      context:
        failure.code === 'AWS_NOT_ALLOWED'
          ? `The smallest policy that allows it:\n${policy(call)}`
          : undefined,
      details: { awsCode: name, action, resource, region: aws.region, profile: aws.profile ?? null },
      cause: error,
    },
  )
}

/** What an error stands for. Some say less by their name than otherwise. */
function failureOf(name: string, error: unknown): AwsFailure | undefined {
  const failure = AWS_FAILURES.find(({ names }) => names.includes(name))
  const message = messageOf(error)
  const better =
    failure?.code === 'AWS_CREDENTIALS_INVALID' && clockSkew(error) !== undefined
      ? 'AWS_CLOCK_SKEW'
      : failure?.code === 'AWS_NO_CREDENTIALS' && /\bsso\b/i.test(message) && ENDED.test(message)
        ? 'AWS_LOGIN_EXPIRED'
        : failure?.code
  return better === failure?.code ? failure : AWS_FAILURES.find(({ code }) => code === better)
}

/** How the SDK says that a login with SSO was there, and is no longer. */
const ENDED = /\bexpired\b|\bcannot refresh\b/i

/** What is known of a failure besides: by how much the clock is wrong, how often it was tried. */
function particulars({ code }: AwsFailure, error: unknown): string {
  const skew = code === 'AWS_CLOCK_SKEW' ? clockSkew(error) : undefined
  if (skew !== undefined) return `: it is ${skew}`
  const { $metadata } = error as { $metadata?: { attempts?: number } }
  const attempts = $metadata?.attempts ?? 1
  return code === 'AWS_BUSY' && attempts > 1 ? `; tried ${attempts} times` : ''
}

/** Of a refusal EC2 says hundreds of encoded characters and nothing else. */
function hidesMore(failure: AwsFailure): boolean {
  return failure.code === 'AWS_NOT_ALLOWED'
}

/** How much of what AWS says is repeated, in characters. */
const MOST = 300

function sayings(error: unknown): string {
  const text = messageOf(error).replaceAll(/\s+/g, ' ').trim()
  const unended = text.replace(/\.$/, '')
  return unended === '' ? '' : ` (${shortened(unended, MOST)})`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : ''
}

function hintFor(failure: AwsFailure, error: unknown, { aws, action }: AwsCall): string {
  const flag = aws.profile === undefined ? '' : ` --profile ${aws.profile}`
  const message = messageOf(error)
  switch (failure.code) {
    case 'AWS_LOGIN_EXPIRED':
      return `Log in again: aws sso login${flag} (or renew the keys in the environment).`
    case 'AWS_NO_CREDENTIALS':
      if (/\bsso\b/i.test(message)) return `Log in: aws sso login${flag}`
      if (/\bmfa\b/i.test(message))
        return 'This profile needs the code of an MFA device: run it on a terminal.'
      return `Log in (aws sso login${flag}), run aws configure${flag}, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`
    case 'AWS_CREDENTIALS_INVALID':
      return `See who you are: aws sts get-caller-identity${flag}`
    case 'AWS_CLOCK_SKEW':
      return 'Set the clock, e.g. with timedatectl set-ntp true.'
    case 'AWS_NOT_ALLOWED':
      return `Ask whoever administers the account for ${action}.`
    case 'AWS_BUSY':
      return 'Try again in a minute.'
    default:
      return 'Is there a network, and is the region right? AWS_ENDPOINT_URL and proxies count too.'
  }
}

function policy({ action, policyResource }: AwsCall): string {
  return JSON.stringify(
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: policyResource }] },
    undefined,
    2,
  )
}
