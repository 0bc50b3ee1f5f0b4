import { expect, test } from 'vitest'
import { nameInArn } from '../../../src/lib/ingress/caller.ts'

test.each([
  ['arn:aws:iam::123456789012:user/ana', 'ana'],
  ['arn:aws:iam::123456789012:user/division/team/ana', 'ana'],
  ['arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Dev_0123/ana@example.com', 'ana@example.com'],
  ['arn:aws-cn:sts::123456789012:federated-user/ana', 'ana'],
  ['arn:aws:iam::123456789012:root', 'root'],
  ['', 'unknown'],
])('%s is %s', (arn, name) => {
  expect(nameInArn(arn)).toBe(name)
})
