import { CreateDBClusterCommand, CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds'
import type { AwsEmulator } from './emulator.ts'
import { testAwsSession } from './session.ts'

/** Makes an Aurora cluster of Serverless v2 with instances `ID-1`, `ID-2` …, the first its writer; all available at once. */
export async function makeCluster(emulator: AwsEmulator, id: string, instances = 1): Promise<void> {
  const rds = new RDSClient(testAwsSession(emulator).clientOptions)
  const engine = { Engine: 'aurora-postgresql', EngineVersion: '17' }
  try {
    await rds.send(
      new CreateDBClusterCommand({
        ...engine,
        DBClusterIdentifier: id,
        DatabaseName: 'cruddur',
        MasterUsername: 'cruddurroot',
        MasterUserPassword: 'not-a-secret-1',
        ServerlessV2ScalingConfiguration: { MinCapacity: 0, MaxCapacity: 2 },
        StorageEncrypted: true,
      }),
    )
    for (let number = 1; number <= instances; number += 1)
      await rds.send(
        new CreateDBInstanceCommand({
          ...engine,
          DBClusterIdentifier: id,
          DBInstanceIdentifier: `${id}-${number}`,
          DBInstanceClass: 'db.serverless',
          PubliclyAccessible: true,
        }),
      )
  } finally {
    rds.destroy()
  }
}
