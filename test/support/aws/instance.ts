import { CreateDBInstanceCommand, type CreateDBInstanceCommandInput, RDSClient } from '@aws-sdk/client-rds'
import type { AwsEmulator } from './emulator.ts'
import { testAwsSession } from './session.ts'

/** Makes an RDS instance, which is available at once; `more` changes what it is made with. */
export async function makeInstance(
  emulator: AwsEmulator,
  id: string,
  more: Partial<CreateDBInstanceCommandInput> = {},
): Promise<void> {
  const rds = new RDSClient(testAwsSession(emulator).clientOptions)
  const command = new CreateDBInstanceCommand({
    DBInstanceIdentifier: id,
    DBInstanceClass: 'db.t4g.micro',
    Engine: 'postgres',
    MasterUsername: 'cruddurroot',
    MasterUserPassword: 'not-a-secret-1',
    AllocatedStorage: 20,
    ...more,
  })
  try {
    await rds.send(command)
  } finally {
    rds.destroy()
  }
}
