import { once } from 'node:events'
import { createServer, Socket, type AddressInfo } from 'node:net'
import { StopDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds'
import { expect, onTestFinished, test } from 'vitest'
import { letMachineIn, type LetMachineInOptions } from '../../../src/lib/rds/let-machine-in.ts'
import { makeInstance } from '../../support/aws/instance.ts'
import { testAwsSession } from '../../support/aws/session.ts'
import { withRules, WORKSPACE } from '../../support/aws/with-rules.ts'
import { freePort } from '../../support/free-port.ts'
import { failureOf } from '../../support/load.ts'

// From the address of this machine to a connection that can be made.

const ID = 'cruddur-db'
const HOST = `${ID}.c0ffee.eu-central-1.rds.amazonaws.com`

const group = withRules()

/** What the services say that tell one's address. */
const publicIp = {
  sources: ['one', 'two'].map((name) => ({ name, url: `https://${name}.example` })),
  fetch: async () => new Response('5.6.7.8'),
}

const letIn = (options: Partial<LetMachineInOptions> = {}) =>
  letMachineIn({
    aws: testAwsSession(group.emulator),
    groupId: group.id,
    workspace: WORKSPACE,
    endpoint: { host: HOST, port: 5432 },
    publicIp,
    lookInside: { resolve: async () => ['18.184.1.2'] },
    ...options,
  })

const IP = { value: '5.6.7.9', source: '--ip' }
const INSIDE = { resolve: async () => ['10.0.1.5'] }

/** Serves on a free port of 127.0.0.1 until the test is over. */
async function listen(): Promise<number> {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A firewall that drops what comes. */
const dropped = () => new Socket()

test('the public address of this machine is let in', async () => {
  expect(await letIn()).toMatchObject({ outcome: 'created', cidr: '5.6.7.8/32', port: 5432, warnings: [] })
  expect(await group.cidrs()).toEqual(['5.6.7.8/32'])
})

test('within the VPC no rule is needed: neither AWS nor anybody else is asked', async () => {
  const asked = await group.actionsOf(async () => {
    const nobody = { ...publicIp, fetch: () => Promise.reject(new Error('must not be asked')) }
    expect(await letIn({ lookInside: INSIDE, publicIp: nobody })).toEqual({
      outcome: 'not-needed',
      dryRun: false,
      host: HOST,
      address: '10.0.1.5',
      warnings: [],
    })
  })
  expect(asked).toEqual([])
})

test('an address that is given is let in wherever one is', async () => {
  expect(await letIn({ lookInside: INSIDE, ip: IP })).toMatchObject({
    outcome: 'created',
    cidr: '5.6.7.9/32',
  })
})

test('a host that is not of RDS tells nothing of a VPC', async () => {
  const endpoint = { host: 'db.internal', port: 5432 }
  expect(await letIn({ lookInside: INSIDE, endpoint })).toMatchObject({ outcome: 'created' })
})

test('a range comes with what people should know', async () => {
  const result = await letIn({ range: { value: '5.6.7.8/24', source: '--cidr' } })
  expect(result).toMatchObject({ outcome: 'created', cidr: '5.6.7.0/24' })
  expect(result.warnings).toEqual([expect.stringContaining('24 hours')])
})

test('a connection that can be made is nothing to speak of', async () => {
  const endpoint = { host: '127.0.0.1', port: await listen() }
  expect(await letIn({ probe: true, endpoint })).toMatchObject({ outcome: 'created', warnings: [] })
})

test('one that times out is an error; the rule stays as it is, and no other is made', async () => {
  await makeInstance(group.emulator, ID, { PubliclyAccessible: true, VpcSecurityGroupIds: [group.id] })
  const database = { id: ID, named: false }
  const error = await failureOf(letIn({ probe: true, database, dial: dropped, budget: 3000 }))
  expect(error).toMatchObject({
    code: 'DATABASE_NOT_REACHED',
    kind: 'unreachable',
    hint: expect.stringContaining('may leave by another address'),
    details: { host: HOST, port: 5432, problem: 'ETIMEDOUT', result: { outcome: 'created' } },
  })
  expect(error.message).toMatch(/^The rule sgr-\w+ lets 5\.6\.7\.8\/32 in, but port 5432 of .+ times out\.$/)
  expect(await group.cidrs()).toEqual(['5.6.7.8/32'])
})

test('one to a database that is stopped says what starts it, also where nothing was written', async () => {
  await makeInstance(group.emulator, ID, { PubliclyAccessible: true, VpcSecurityGroupIds: [group.id] })
  const rds = new RDSClient(testAwsSession(group.emulator).clientOptions)
  await rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier: ID }))
  rds.destroy()
  await letIn()
  const database = { id: ID, named: false }
  const asked = await group.actionsOf(async () => {
    const error = await failureOf(letIn({ probe: true, database, dial: dropped, budget: 3000 }))
    expect(error.hint).toBe(`The database is stopped: cruddur rds start ${ID} --region eu-central-1`)
    expect(error.context).toContain(`${ID} is stopped`)
  })
  expect(asked).toEqual(['DescribeSecurityGroupRules', 'DescribeDBInstances'])
})

test('one that is refused says that it was', async () => {
  const port = await freePort()
  const error = await failureOf(letIn({ probe: true, endpoint: { host: '127.0.0.1', port } }))
  expect(error.message).toContain(`127.0.0.1 refuses connections on port ${port}`)
})

test('a connection is tried to where the database says that it listens, and not by a dry run', async () => {
  await makeInstance(group.emulator, ID, { PubliclyAccessible: true, VpcSecurityGroupIds: [group.id] })
  const known = { probe: true, endpoint: undefined, database: { id: ID, named: true }, dial: dropped }
  const error = await failureOf(letIn({ ...known, budget: 3000 }))
  expect(error.message).toMatch(/port 5432 of cruddur-db\.\w+\.eu-central-1\.rds\.amazonaws\.com times out/)
  expect(await letIn({ ...known, dryRun: true })).toMatchObject({ outcome: 'unchanged', dryRun: true })
})

test('where it is not known where the database listens, nothing is written', async () => {
  const error = await failureOf(letIn({ probe: true, endpoint: undefined }))
  expect(error).toMatchObject({ code: 'INSTANCE_UNKNOWN', kind: 'usage' })
  expect(await group.rules()).toEqual([])
})
