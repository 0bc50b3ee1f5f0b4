import { expect, test } from 'vitest'
import { nameInArn } from '../../../src/lib/aws/caller.ts'

test.each([
  ['arn:aws:iam::123456789012:user/ana', 'ana'],
  ['arn:aws:iam::123456789012:user/division/team/ana', 'ana'],
  ['arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Dev_0123/ana@example.com', 'ana@example.com'],
  ['arn:aws-cn:sts::123456789012:federated-user/ana', 'ana'],
  ['arn:aws:iam::123456789012:root', 'root'],
  // As AWS, its SDKs and its CLI name sessions that nobody has named.
  ['arn:aws:sts::123456789012:assumed-role/Dev/aws-sdk-js-1763724000123', 'Dev'],
  ['arn:aws:sts::123456789012:assumed-role/Dev/botocore-session-1763724000', 'Dev'],
  ['arn:aws:sts::123456789012:assumed-role/Dev/AWSCLI-Session', 'Dev'],
  ['arn:aws:sts::123456789012:assumed-role/Dev/1763724000123456789', 'Dev'],
  ['arn:aws:sts::123456789012:assumed-role/Workers/i-0123456789abcdef0', 'Workers'],
  ['arn:aws:iam::123456789012:user/aws-sdk-tester', 'aws-sdk-tester'],
  ['', 'unknown'],
])('%s is %s', (arn, name) => {
  expect(nameInArn(arn)).toBe(name)
})
