import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { callAws } from './errors.ts'
import type { AwsSession } from './session.ts'
import { refuseStrangers } from './stranger.ts'

/** Whose credentials these are. */
interface Caller {
  arn: string
  /** Twelve digits. */
  account: string
}

/** Asks AWS who we are. Loads the SDK: to be imported when it is needed. */
export async function findCaller(aws: AwsSession, signal?: AbortSignal): Promise<Caller> {
  const client = new STSClient(aws.clientOptions)
  refuseStrangers(client)
  const call = { action: 'sts:GetCallerIdentity', resource: 'the caller', policyResource: '*', aws, signal }
  try {
    const { Arn = '', Account = '' } = await callAws(call, (sending) =>
      client.send(new GetCallerIdentityCommand({}), sending),
    )
    return { arn: Arn, account: Account }
  } finally {
    client.destroy()
  }
}

/**
 * Who we are to AWS, in a word that tells people apart: the name of the user, or of the role's session (which SSO sets to
 * the person's name; the role's own where no person has named the session); `root` for the account's root user.
 */
export async function callerName(aws: AwsSession, signal?: AbortSignal): Promise<string> {
  return nameInArn((await findCaller(aws, signal)).arn)
}

/** Sessions that programs name by themselves, anew each time: by the SDKs, the CLI, and EC2 by the machine. */
const NAMED_BY_PROGRAM = /^(?:aws-sdk-|aws-go-sdk-|aws-?cli-|botocore-session-|i-[0-9a-f]{8,}$|\d+$)/i

/**
 * The last part of an ARN of STS or IAM: `arn:aws:iam::1:user/path/ana`, `arn:aws:sts::1:assumed-role/Dev/ana@example.com`,
 * `arn:aws:iam::1:root`. A session that nobody has named, as when a profile assumes a role, tells nobody apart and is another
 * one the next time: then it is the role.
 */
export function nameInArn(arn: string): string {
  const [kind, ...names] = arn.split(':').slice(5).join(':').split('/')
  const [last, role] = names.toReversed()
  if (kind === 'assumed-role' && last !== undefined && role !== undefined && NAMED_BY_PROGRAM.test(last))
    return role
  return last || kind || 'unknown'
}
