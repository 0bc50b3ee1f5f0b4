import { expect, test } from 'vitest'
import { billingOf } from '../../../../src/lib/rds/status/billing.ts'
import { estimateCost } from '../../../../src/lib/rds/status/cost.ts'

test('the usual database costs about $18 a month running and its storage stopped', () => {
  const cost = estimateCost({
    className: 'db.t4g.micro',
    storageGib: 20,
    storageType: 'gp3',
    publiclyAccessible: true,
  })
  expect(cost).toMatchObject({ running: 17.63, stopped: 2.3, runningMost: undefined })
  expect(cost.parts.map(({ what }) => what)).toEqual(['db.t4g.micro', '20 GB of gp3', 'public IPv4 address'])
  expect(cost).toMatchObject({ pricesRegion: 'us-east-1', pricesAsOf: '2026-06-30' })
})

test('Multi-AZ pays for instance and storage twice, a managed password for its secret, also while stopped', () => {
  const one = estimateCost({ className: 'db.t3.large', storageGib: 100, storageType: 'gp2' })
  const two = estimateCost({ className: 'db.t3.large', storageGib: 100, storageType: 'gp2', multiAz: true })
  expect(one).toMatchObject({ running: 117.35, stopped: 11.5 })
  expect(two).toMatchObject({ running: 234.7, stopped: 23 })
  const managed = estimateCost({
    className: 'db.t3.large',
    storageGib: 100,
    storageType: 'gp2',
    masterLogin: 'managed',
  })
  expect(managed).toMatchObject({ running: 117.75, stopped: 11.9 })
})

test('what is not known is not made up', () => {
  expect(estimateCost({ className: 'db.x9.huge', storageGib: 20, storageType: 'gp3' })).toMatchObject({
    running: undefined,
    stopped: 2.3,
  })
  expect(
    estimateCost({ className: 'db.t4g.micro', storageGib: 20, storageType: 'io9' }).running,
  ).toBeUndefined()
  expect(
    estimateCost({ className: 'db.t3.large', storageGib: 100, storageType: 'io1' }).stopped,
  ).toBeUndefined()
  expect(
    estimateCost({ className: 'db.t3.large', storageGib: 100, storageType: 'io1', iops: 1200 }).stopped,
  ).toBe(132.5)
  expect(
    estimateCost({ engine: 'mysql', className: 'db.t3.large', storageGib: 20, storageType: 'gp3' }).running,
  ).toBeUndefined()
})

test('Serverless v2 costs from its lowest to its highest capacity; the data comes on top', () => {
  const cost = estimateCost({
    engine: 'aurora-postgresql',
    className: 'db.serverless',
    capacity: { min: 0, max: 4 },
  })
  expect(cost).toMatchObject({ running: 0, runningMost: 350.4, stopped: 0 })
  expect(cost.besides[0]).toBe('data: $0.10 per GB and month')
  expect(estimateCost({ capacity: { min: 0.5, max: 1 }, instances: 2 })).toMatchObject({
    running: 87.6,
    runningMost: 175.2,
  })
  expect(
    estimateCost({ engine: 'aurora-postgresql', className: 'db.t4g.medium' }).running,
    'the prices of RDS are not those of Aurora',
  ).toBeUndefined()
})

test('Extended Support doubles in its third year, and is not paid while stopped', () => {
  const usual = { className: 'db.t3.large', storageGib: 20, storageType: 'gp2' }
  expect(estimateCost({ ...usual, extendedSupportYear: 1 })).toMatchObject({ running: 254.15, stopped: 2.3 })
  expect(estimateCost({ ...usual, extendedSupportYear: 3 })).toMatchObject({ running: 400.15, stopped: 2.3 })
})

test.each([
  ['available', 'full'],
  ['storage-full', 'full'],
  ['backing-up', 'full'],
  ['starting', 'storage'],
  ['stopping', 'storage'],
  ['stopped', 'storage'],
  ['creating', 'none'],
  ['failed', 'none'],
  ['something-new', 'full'],
])('in the status %s is billed: %s', (status, billing) => {
  expect(billingOf(status)).toBe(billing)
})
