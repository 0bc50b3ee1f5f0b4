import { describe, expect, test } from 'vitest'
import type { Database } from '../../../../src/lib/rds/database.ts'
import { planKeep } from '../../../../src/lib/rds/keep/plan.ts'

// What keeps a database stopped, as it follows from its ARN. What AWS makes of it is tested in keep-stopped.test.ts.

const plan = (id: string, { kind = 'instance', region = 'eu-central-1', partition = 'aws' } = {}) =>
  planKeep({
    kind: kind as Database['kind'],
    id,
    arn: `arn:${partition}:rds:${region}:123456789012:${kind === 'instance' ? 'db' : 'cluster'}:${id}`,
  })

test('an instance', () => {
  expect(plan('cruddur-db')).toMatchObject({
    schedule: 'cruddur-keep-cruddur-db',
    scheduleArn: 'arn:aws:scheduler:eu-central-1:123456789012:schedule/default/cruddur-keep-cruddur-db',
    role: 'cruddur-keep-eu-central-1-cruddur-db',
    roleArn: 'arn:aws:iam::123456789012:role/cruddur-keep-eu-central-1-cruddur-db',
    action: 'rds:StopDBInstance',
    target: 'arn:aws:scheduler:::aws-sdk:rds:stopDBInstance',
    input: '{"DbInstanceIdentifier":"cruddur-db"}',
  })
})

test('a cluster', () => {
  expect(plan('cruddur-db', { kind: 'cluster' })).toMatchObject({
    schedule: 'cruddur-keep-cluster.cruddur-db',
    role: 'cruddur-keep-eu-central-1-cluster.cruddur-db',
    action: 'rds:StopDBCluster',
    target: 'arn:aws:scheduler:::aws-sdk:rds:stopDBCluster',
    input: '{"DbClusterIdentifier":"cruddur-db"}',
  })
})

test('in a partition of its own all ARNs are of that partition', () => {
  const all = JSON.stringify(plan('cruddur-db', { partition: 'aws-cn', region: 'cn-north-1' }))
  expect(all).toContain('arn:aws-cn:scheduler:::aws-sdk:rds:stopDBInstance')
  expect(all).not.toMatch(/arn:aws:/)
})

describe('names', () => {
  /** What AWS takes for a schedule and a role. */
  const SCHEDULE = /^[0-9a-zA-Z-_.]{1,64}$/
  const ROLE = /^[\w+=,.@-]{1,64}$/
  const long = 'a'.repeat(62)

  test.each(['a', 'cruddur-db', 'a'.repeat(51), 'a'.repeat(52), `${long}b`])('%s fits', (id) => {
    for (const kind of ['instance', 'cluster'])
      for (const region of ['eu-central-1', 'ap-southeast-1', 'us-gov-west-1']) {
        const { schedule, role } = plan(id, { kind, region })
        expect(schedule).toMatch(SCHEDULE)
        expect(role).toMatch(ROLE)
      }
  })

  test('they are the same each time, and differ by identifier, kind and (for roles) region', () => {
    const databases = [
      plan(`${long}b`),
      plan(`${long}c`),
      plan(`${long}b`, { kind: 'cluster' }),
      plan('cluster-x'),
      plan('x', { kind: 'cluster' }),
      plan('x'),
    ]
    expect(plan(`${long}b`)).toEqual(databases[0])
    expect(new Set(databases.map(({ schedule }) => schedule)).size).toBe(databases.length)
    const elsewhere = [plan('x', { region: 'us-east-1' }), plan(`${long}b`, { region: 'us-east-1' })]
    const roles = [...databases, ...elsewhere].map(({ role }) => role)
    expect(new Set(roles).size).toBe(roles.length)
  })
})
