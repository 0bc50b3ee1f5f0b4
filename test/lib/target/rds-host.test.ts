import { expect, test } from 'vitest'
import {
  databaseOfHost,
  isCoveredRdsHost,
  isRdsHost,
  regionOfHost,
} from '../../../src/lib/target/rds-host.ts'

test.each([
  ['mydb.c9akciq32.us-east-1.rds.amazonaws.com', 'mydb', 'us-east-1'],
  ['MyDb-2.C9akciq32.US-EAST-1.RDS.AmazonAWS.com', 'mydb-2', 'us-east-1'],
  ['mydb.c9akciq32.us-east-1.rds.amazonaws.com.', 'mydb', 'us-east-1'],
  ['mydb.c9akciq32.us-gov-west-1.rds.amazonaws.com', 'mydb', 'us-gov-west-1'],
  ['mydb.c9akciq32.rds.cn-north-1.amazonaws.com.cn', 'mydb', 'cn-north-1'],
  ['mydb.c9akciq32.cn-north-1.rds.amazonaws.com.cn', 'mydb', 'cn-north-1'],
  ['app.cluster-c9akciq32.eu-central-1.rds.amazonaws.com', 'app', 'eu-central-1'],
  ['app.Cluster-RO-c9akciq32.eu-central-1.rds.amazonaws.com', 'app', 'eu-central-1'],
  ['app.cluster-ro-c9akciq32.rds.cn-northwest-1.amazonaws.com.cn', 'app', 'cn-northwest-1'],
  ['reports.cluster-custom-c9akciq32.us-east-1.rds.amazonaws.com', undefined, 'us-east-1'],
  ['proxy.proxy-c9akciq32.us-east-1.rds.amazonaws.com', undefined, 'us-east-1'],
  ['shards.shardgrp-c9akciq32.us-east-1.rds.amazonaws.com', undefined, 'us-east-1'],
])('%s is an RDS endpoint, of the database %s in %s', (host, database, region) => {
  expect(isRdsHost(host)).toBe(true)
  expect(databaseOfHost(host)).toBe(database)
  expect(regionOfHost(host)).toBe(region)
})

test.each([
  'localhost',
  '127.0.0.1',
  '/rds.amazonaws.com',
  'rds.amazonaws.com.example.com',
  'evil-rds.amazonaws.com.evil.org',
  'mydb.us-east-1.amazonaws.com',
  'mydb.c9akciq32.us-east-1.rds.amazonaws.com.evil.org',
  '',
])('%j is none', (host) => {
  expect(isRdsHost(host)).toBe(false)
  expect(databaseOfHost(host)).toBeUndefined()
  expect(regionOfHost(host)).toBeUndefined()
})

test('the bundled roots are not those of China', () => {
  expect(isCoveredRdsHost('mydb.c9akciq32.us-east-1.rds.amazonaws.com')).toBe(true)
  expect(isCoveredRdsHost('mydb.c9akciq32.rds.cn-north-1.amazonaws.com.cn')).toBe(false)
})
