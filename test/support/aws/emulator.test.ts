import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  ModifySecurityGroupRulesCommand,
  type SecurityGroupRuleRequest,
} from '@aws-sdk/client-ec2'
import {
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  RDSClient,
  StartDBClusterCommand,
  StopDBClusterCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeZip } from '../layer/make-zip.ts'
import { makeCluster } from './cluster.ts'
import { startAwsEmulator } from './emulator.ts'
import { TestLambda } from './lambda.ts'
import { withEmulator } from './with-emulator.ts'

const emulator = withEmulator()
let ec2: EC2Client
let rds: RDSClient
let sts: STSClient

beforeAll(() => {
  const options = {
    endpoint: emulator.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    maxAttempts: 1,
  }
  ec2 = new EC2Client(options)
  rds = new RDSClient(options)
  sts = new STSClient(options)
})

const describeDatabases = () => rds.send(new DescribeDBInstancesCommand({}))

const createDatabase = () =>
  rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'app',
      DBInstanceClass: 'db.t4g.micro',
      Engine: 'postgres',
      MasterUsername: 'app',
      MasterUserPassword: 'the-password',
      AllocatedStorage: 20,
    }),
  )

const databaseStatus = async () => (await describeDatabases()).DBInstances?.[0]?.DBInstanceStatus

const createGroup = async () => {
  const group = { GroupName: 'app', Description: 'of the test' }
  return (await ec2.send(new CreateSecurityGroupCommand(group))).GroupId
}

const countGroups = async () => {
  const filters = { Filters: [{ Name: 'group-name', Values: ['app'] }] }
  return (await ec2.send(new DescribeSecurityGroupsCommand(filters))).SecurityGroups?.length
}

/** Asks as an SDK does that is not installed here. */
const ask = (
  service: string,
  path: string,
  options: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> },
) =>
  fetch(`${emulator.url}${path}`, {
    ...options,
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=testing/20260101/eu-central-1/${service}/aws4_request`,
      ...options.headers,
    },
  })

test('logs the calls in their order, with who made them and what they ask for', async () => {
  await sts.send(new GetCallerIdentityCommand({}))
  await rds.send(new DescribeDBInstancesCommand({ MaxRecords: 20 }))
  await countGroups()
  const calls = await emulator.calls()
  expect(calls.map(({ action }) => action)).toEqual([
    'GetCallerIdentity',
    'DescribeDBInstances',
    'DescribeSecurityGroups',
  ])
  expect(calls[1]).toEqual({
    action: 'DescribeDBInstances',
    at: expect.closeTo(Date.now() / 1000, -2),
    region: 'eu-central-1',
    accessKeyId: 'testing',
    params: { Action: 'DescribeDBInstances', Version: '2014-10-31', MaxRecords: '20' },
  })
})

test('errors come as EC2 says them', async () => {
  await emulator.fault({ action: 'DescribeSecurityGroups', error: 'RequestLimitExceeded', status: 503 })
  await expect(countGroups()).rejects.toMatchObject({
    name: 'RequestLimitExceeded',
    $metadata: { httpStatusCode: 503 },
  })
  expect(await countGroups()).toBe(0)
})

test('errors come as RDS and STS say them', async () => {
  await emulator.fault({ action: 'DescribeDBInstances', error: 'DBInstanceNotFound', message: 'no <app>' })
  await expect(describeDatabases()).rejects.toMatchObject({
    name: 'DBInstanceNotFoundFault',
    message: 'no <app>',
  })
  await emulator.fault({ action: 'GetCallerIdentity', error: 'ExpiredToken', status: 403 })
  await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
    name: 'ExpiredToken',
  })
})

test('errors come as services with JSON say them', async () => {
  const request = {
    method: 'POST',
    headers: {
      'x-amz-target': 'secretsmanager.GetSecretValue',
      'content-type': 'application/x-amz-json-1.1',
    },
    body: '{"SecretId":"app"}',
  }
  await emulator.fault({ action: 'GetSecretValue', error: 'DecryptionFailure', message: 'no key' })
  const failed = await ask('secretsmanager', '/', request)
  expect(failed.status).toBe(400)
  expect(failed.headers.get('x-amzn-errortype')).toBe('DecryptionFailure')
  expect(await failed.json()).toEqual({ __type: 'DecryptionFailure', message: 'no key' })
  // After that it is moto that says so.
  expect(await (await ask('secretsmanager', '/', request)).text()).toContain('ResourceNotFoundException')
})

test('errors come as services with paths of their own say them', async () => {
  const body = JSON.stringify({
    ScheduleExpression: 'rate(1 day)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: 'arn:aws:scheduler:::aws-sdk:rds:stopDBInstance',
      RoleArn: 'arn:aws:iam::123456789012:role/app',
    },
  })
  const create = () => ask('scheduler', '/schedules/app', { method: 'POST', body })
  await emulator.fault({ action: 'POST /schedules/', error: 'ThrottlingException', status: 429 })
  const failed = await create()
  expect(failed.status).toBe(429)
  expect(failed.headers.get('x-amzn-errortype')).toBe('ThrottlingException')
  expect((await create()).status).toBe(200)
  const calls = await emulator.calls()
  expect(calls.map(({ action }) => action)).toEqual(['POST /schedules/app', 'POST /schedules/app'])
})

test('errors come as S3 says them', async () => {
  await emulator.fault({ action: 'PUT /app', error: 'SlowDown', status: 503, message: 'a < b' })
  const failed = await ask('s3', '/app/', { method: 'PUT' })
  expect(failed.status).toBe(503)
  expect(await failed.text()).toContain('<Error><Code>SlowDown</Code><Message>a &lt; b</Message></Error>')
})

/** The link to the zip of a layer's first version. */
const contentOf = async (layer: string) => {
  const response = await ask('lambda', `/2018-10-31/layers/${layer}/versions/1`, {})
  return ((await response.json()) as { Content: { Location: string } }).Content.Location
}

describe('functions and layers', () => {
  const lambda = new TestLambda(emulator)
  const zip = makeZip([{ name: 'python/app.py', content: 'x = 1', mode: 0o100_644 }])

  test('the link of a layer leads to its zip, or a part of it', async () => {
    await lambda.publish('app', { zip })
    const url = await contentOf('app')
    expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(zip)).toBe(true)
    const part = await fetch(url, { headers: { range: 'bytes=10-19' } })
    expect(part.status).toBe(206)
    expect(part.headers.get('content-range')).toBe(`bytes 10-19/${zip.length}`)
    expect(Buffer.from(await part.arrayBuffer()).equals(zip.subarray(10, 20))).toBe(true)
    expect((await fetch(url.replace(/.$/, '!'))).status).toBe(403)
  })

  test('an answer is cut off', async () => {
    await lambda.publish('app', { zip })
    const url = await contentOf('app')
    await emulator.fault({ action: 'GET /content/', cut: 10 })
    const response = await fetch(url)
    expect(response.headers.get('content-length')).toBe(String(zip.length))
    await expect(response.arrayBuffer()).rejects.toThrow('terminated')
  })

  test('a function that has changed since it was read is not changed by its revision', async () => {
    await lambda.makeFunction('app')
    const path = '/2015-03-31/functions/app/configuration'
    const { RevisionId } = (await (await ask('lambda', path, {})).json()) as { RevisionId: string }
    const change = (Timeout: number) =>
      ask('lambda', path, { method: 'PUT', body: JSON.stringify({ Timeout, RevisionId }) })
    expect((await change(5)).status).toBe(200)
    expect((await change(6)).status).toBe(412)
  })
})

test('the services that the project may come to use are there', async () => {
  for (const [service, path] of [
    ['lambda', '/2018-10-31/layers'],
    ['s3', '/'],
  ] as const)
    expect((await ask(service, path, {})).status, service).toBe(200)
  for (const [service, version] of [
    ['events', 'AWSEvents.ListRules'],
    ['secretsmanager', 'secretsmanager.ListSecrets'],
  ] as const) {
    const headers = { 'x-amz-target': version, 'content-type': 'application/x-amz-json-1.1' }
    expect((await ask(service, '/', { method: 'POST', headers, body: '{}' })).status, service).toBe(200)
  }
})

test('spares the first calls, and meets as many as it is told', async () => {
  await emulator.fault({ action: 'GetCallerIdentity', error: 'Throttling', after: 1, times: 2 })
  const results = []
  for (let call = 0; call < 4; call++)
    results.push(
      await sts.send(new GetCallerIdentityCommand({})).then(
        ({ Account }) => Account,
        ({ name }: Error) => name,
      ),
    )
  expect(results).toEqual(['123456789012', 'Throttling', 'Throttling', '123456789012'])
})

test('meets all calls with -1', async () => {
  await emulator.fault({ action: 'DescribeDBInstances', error: 'Throttling', times: -1 })
  for (let call = 0; call < 3; call++)
    await expect(describeDatabases()).rejects.toMatchObject({ name: 'Throttling' })
})

test('meets calls of whatever action, and repeats what they were given', async () => {
  await emulator.fault({ action: '*', after: 1, times: 2, error: 'Refused', message: '{MaxRecords}, {Else}' })
  await sts.send(new GetCallerIdentityCommand({}))
  const asked = rds.send(new DescribeDBInstancesCommand({ MaxRecords: 20 }))
  await expect(asked).rejects.toMatchObject({ name: 'Refused', message: '20, {Else}' })
  expect((await ask('lambda', '/2018-10-31/layers', {})).status).toBe(400)
  expect((await ask('lambda', '/2018-10-31/layers', {})).status).toBe(200)
})

test('holds an answer back, while the call has taken effect and others are answered', async () => {
  await emulator.fault({ action: 'CreateSecurityGroup', delay: 2 })
  const started = performance.now()
  let answered = false
  const slow = createGroup().then(() => (answered = true))
  while ((await countGroups()) === 0) await pause(10)
  expect(answered).toBe(false)
  await slow
  // Node's clock and Python's need not agree on the last of the milliseconds.
  expect(performance.now() - started).toBeGreaterThan(1990)
})

test('closes the connection without doing what it was asked for', async () => {
  await emulator.fault({ action: 'CreateSecurityGroup', drop: true })
  await expect(createGroup()).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(await countGroups()).toBe(0)
})

test('closes the connection after doing what it was asked for', async () => {
  await emulator.fault({ action: 'CreateSecurityGroup', dropAfter: true })
  await expect(createGroup()).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(await countGroups()).toBe(1)
})

test('rewrites answers: a database is created for as long as the test wants', async () => {
  await createDatabase()
  await emulator.fault({
    action: 'DescribeDBInstances',
    times: 2,
    rewrite: [['(<DBInstanceStatus>)available<', '\\1creating<']],
  })
  const statuses = [await databaseStatus(), await databaseStatus(), await databaseStatus()]
  expect(statuses).toEqual(['creating', 'creating', 'available'])
})

test('answers what moto cannot', async () => {
  const body = '<R><DescribeDBInstancesResult><Marker>more</Marker></DescribeDBInstancesResult></R>'
  await emulator.fault({ action: 'DescribeDBInstances', rewrite: [['\\A[\\s\\S]*\\Z', body]], status: 200 })
  expect(await describeDatabases()).toMatchObject({ Marker: 'more' })
})

test('has the headers it is told to have, and then its own', async () => {
  const date = 'Thu, 01 Jan 2026 00:00:00 GMT'
  await emulator.fault({ action: 'POST /', headers: { Date: date } })
  expect((await ask('sts', '/', { method: 'POST' })).headers.get('date')).toBe(date)
  const now = (await ask('sts', '/', { method: 'POST' })).headers.get('date') ?? ''
  expect(Date.parse(now)).toBeGreaterThan(Date.now() - 60_000)
})

test('a reset leaves nothing, however often', async () => {
  for (let round = 0; round < 3; round++) {
    await createGroup()
    await createDatabase()
    await emulator.fault({ action: 'DescribeSecurityGroups', error: 'Throttling', times: -1 })
    await emulator.reset()
    expect(await emulator.calls()).toEqual([])
    expect(await countGroups()).toBe(0)
    expect(await databaseStatus()).toBeUndefined()
  }
})

describe('rules of a security group', () => {
  const TCP = { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432 }
  let group: string | undefined
  let first: string | undefined
  let second: string | undefined

  const authorize = async (addresses: object) => {
    const request = { GroupId: group, IpPermissions: [{ ...TCP, ...addresses }] }
    const { SecurityGroupRules } = await ec2.send(new AuthorizeSecurityGroupIngressCommand(request))
    return SecurityGroupRules?.[0]?.SecurityGroupRuleId
  }

  const modify = (id: string | undefined, rule: SecurityGroupRuleRequest) =>
    ec2.send(
      new ModifySecurityGroupRulesCommand({
        GroupId: group,
        SecurityGroupRules: [{ SecurityGroupRuleId: id, SecurityGroupRule: { ...TCP, ...rule } }],
      }),
    )

  const cidrs = async () => {
    const request = { Filters: [{ Name: 'group-id', Values: [group ?? ''] }] }
    const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand(request))
    return SecurityGroupRules.filter(({ IsEgress }) => !IsEgress).map(
      (rule) => rule.CidrIpv4 ?? rule.CidrIpv6,
    )
  }

  beforeEach(async () => {
    group = await createGroup()
    first = await authorize({ IpRanges: [{ CidrIp: '192.0.2.1/32' }] })
    second = await authorize({ Ipv6Ranges: [{ CidrIpv6: '2001:db8::1/128' }] })
    await authorize({ IpRanges: [{ CidrIp: '10.9.8.7/16' }] })
  })

  test('are stored canonically, and stay changeable', async () => {
    expect(await cidrs()).toEqual(['192.0.2.1/32', '2001:db8::1/128', '10.9.0.0/16'])
    await modify(first, { CidrIpv4: '192.0.2.2/32', Description: 'home' })
    await modify(second, { CidrIpv6: '2001:DB8::2/64' })
    expect(await cidrs()).toEqual(['192.0.2.2/32', '2001:db8::/64', '10.9.0.0/16'])
    // As it was already, but for the description.
    await modify(first, { CidrIpv4: '192.0.2.2/32', Description: 'office' })
  })

  test.each([
    ['a CIDR that is none', { CidrIpv4: '999.9.9.9/32' }, 'InvalidParameterValue'],
    ['an address without a prefix', { CidrIpv4: '192.0.2.9' }, 'InvalidParameterValue'],
    ['an address of the other family', { CidrIpv4: '2001:db8::9/128' }, 'InvalidParameterValue'],
    ['a change of the family', { CidrIpv6: '2001:db8::9/128' }, 'InvalidParameterValue'],
    ['the double of another rule', { CidrIpv4: '10.9.8.7/16' }, 'InvalidPermission.Duplicate'],
  ])('cannot be given %s', async (_, rule, name) => {
    await expect(modify(first, rule)).rejects.toMatchObject({ name })
    expect(await cidrs()).toEqual(['192.0.2.1/32', '2001:db8::1/128', '10.9.0.0/16'])
  })

  test('cannot be added twice', async () => {
    const again = authorize({ IpRanges: [{ CidrIp: '10.9.1.1/16', Description: 'again' }] })
    await expect(again).rejects.toMatchObject({ name: 'InvalidPermission.Duplicate' })
  })

  test('are what moto makes of them when it is not strict, until the reset', async () => {
    await emulator.strict(false)
    await modify(first, { CidrIpv4: '10.9.0.0/16' })
    expect(await cidrs()).toEqual(['10.9.0.0/16', '2001:db8::1/128', '10.9.0.0/16'])
    await emulator.reset()
    group = await createGroup()
    first = await authorize({ IpRanges: [{ CidrIp: '192.0.2.1/32' }] })
    await expect(modify(first, { CidrIpv4: '999.9.9.9/32' })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    })
  })
})

test('clusters are as those of AWS: one of each name, and their instances stop with them', async () => {
  await makeCluster(emulator, 'app')
  await expect(makeCluster(emulator, 'APP')).rejects.toMatchObject({ name: 'DBClusterAlreadyExistsFault' })
  await rds.send(new StopDBClusterCommand({ DBClusterIdentifier: 'app' }))
  expect(await databaseStatus()).toBe('stopped')
  await rds.send(new StartDBClusterCommand({ DBClusterIdentifier: 'app' }))
  expect(await databaseStatus()).toBe('available')
})

describe('databases end as with AWS', () => {
  const both = { SkipFinalSnapshot: true, FinalDBSnapshotIdentifier: 'last' }

  test('by exactly one of a final snapshot and none', async () => {
    await createDatabase()
    await makeCluster(emulator, 'cluster', 0)
    for (const how of [{}, { SkipFinalSnapshot: false }, both]) {
      const instance = rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'app', ...how }))
      await expect(instance).rejects.toMatchObject({ name: 'InvalidParameterCombination' })
      const cluster = rds.send(new DeleteDBClusterCommand({ DBClusterIdentifier: 'cluster', ...how }))
      await expect(cluster).rejects.toMatchObject({ name: 'InvalidParameterCombination' })
    }
    await emulator.strict(false)
    await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'app' }))
    expect(await databaseStatus()).toBeUndefined()
  })

  test('without a snapshot of what is stopped, and of a stopped cluster not at all', async () => {
    await createDatabase()
    await rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier: 'app' }))
    const stopped = { name: 'InvalidDBInstanceStateFault' }
    const snapshot = { DBInstanceIdentifier: 'app', DBSnapshotIdentifier: 'last' }
    await expect(rds.send(new CreateDBSnapshotCommand(snapshot))).rejects.toMatchObject(stopped)
    const last = { DBInstanceIdentifier: 'app', FinalDBSnapshotIdentifier: 'last' }
    await expect(rds.send(new DeleteDBInstanceCommand(last))).rejects.toMatchObject(stopped)
    await makeCluster(emulator, 'cluster', 0)
    await rds.send(new StopDBClusterCommand({ DBClusterIdentifier: 'cluster' }))
    const cluster = { DBClusterIdentifier: 'cluster', SkipFinalSnapshot: true }
    await expect(rds.send(new DeleteDBClusterCommand(cluster))).rejects.toMatchObject({
      name: 'InvalidDBClusterStateFault',
    })
  })
})

test('its environment leads another process to it, and to nothing else', async () => {
  const script = `
    import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
    console.log((await new STSClient().send(new GetCallerIdentityCommand())).Account)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    env: { PATH: process.env['PATH'], ...emulator.environment },
  })
  expect(stdout).toBe('123456789012\n')
  expect(await emulator.calls()).toHaveLength(1)
})

test('does not answer once it was stopped', async () => {
  const other = await startAwsEmulator()
  await other.stop()
  await expect(other.calls()).rejects.toThrow('fetch failed')
  await other.stop()
})

test('ends by itself when the process is gone that has started it', async () => {
  const script = `
    import { startAwsEmulator } from ${JSON.stringify(join(import.meta.dirname, 'emulator.ts'))}
    console.log((await startAwsEmulator()).url)`
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(starter.stdout, 'data')) as [Buffer]
  const url = line.toString().trim()
  expect((await fetch(`${url}/__emulator`)).status).toBe(200)
  starter.kill('SIGKILL')
  const answers = () => fetch(url).then(Boolean, () => false)
  while (await answers()) await pause(20)
})

test('says what is wrong with a python that cannot run it', async () => {
  const given = process.env['CRUDDUR_MOTO_PYTHON']
  process.env['CRUDDUR_MOTO_PYTHON'] = process.execPath
  try {
    await expect(startAwsEmulator()).rejects.toThrow('The AWS emulator did not start')
  } finally {
    if (given === undefined) delete process.env['CRUDDUR_MOTO_PYTHON']
    else process.env['CRUDDUR_MOTO_PYTHON'] = given
  }
})
