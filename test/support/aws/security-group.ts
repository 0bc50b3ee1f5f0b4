import { randomBytes } from 'node:crypto'
import { CreateSecurityGroupCommand, EC2Client } from '@aws-sdk/client-ec2'
import type { AwsEmulator } from './emulator.ts'
import { testAwsSession } from './session.ts'

/** Makes a security group without inbound rules; returns its id. */
export async function makeSecurityGroup(emulator: AwsEmulator): Promise<string> {
  const ec2 = new EC2Client(testAwsSession(emulator).clientOptions)
  const name = `group-${randomBytes(4).toString('hex')}`
  try {
    const group = await ec2.send(new CreateSecurityGroupCommand({ GroupName: name, Description: name }))
    return group.GroupId ?? ''
  } finally {
    ec2.destroy()
  }
}
