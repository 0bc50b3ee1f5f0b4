import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { callAws } from '../aws/errors.ts'
import type { AwsSession } from '../aws/session.ts'

/**
 * Who we are to AWS, in a word that tells people apart: the name of the user, or of the role's session (which SSO sets to
 * the person's name); `root` for the account's root user. Loads the SDK: to be imported when it is needed.
 */
export async function callerName(aws: AwsSession, signal?: AbortSignal): Promise<string> {
  const client = new STSClient(aws.clientOptions)
  const call = { action: 'sts:GetCallerIdentity', resource: 'the caller', policyResource: '*', aws, signal }
  try {
    const { Arn = '' } = await callAws(call, (sending) =>
      client.send(new GetCallerIdentityCommand({}), sending),
    )
    return nameInArn(Arn)
  } finally {
    client.destroy()
  }
}

/**
 * The last part of an ARN of STS or IAM: `arn:aws:iam::1:user/path/ana`, `arn:aws:sts::1:assumed-role/Dev/ana@example.com`,
 * `arn:aws:iam::1:root`.
 */
export function nameInArn(arn: string): string {
  const resource = arn.split(':').slice(5).join(':')
  return resource.split('/').at(-1) || 'unknown'
}
