import { expect, test } from 'vitest'
import { isRdsHost } from '../../../src/lib/target/ssl-mode.ts'

test.each([
  'mydb.c9akciq32.us-east-1.rds.amazonaws.com',
  'MyDb.C9akciq32.US-EAST-1.RDS.AmazonAWS.com',
  'mydb.cluster-ro-c9akciq32.eu-central-1.rds.amazonaws.com',
  'proxy.proxy-c9akciq32.us-east-1.rds.amazonaws.com',
  'mydb.c9akciq32.us-east-1.rds.amazonaws.com.',
  'mydb.c9akciq32.rds.cn-north-1.amazonaws.com.cn',
])('%s is an RDS endpoint', (host) => {
  expect(isRdsHost(host)).toBe(true)
})

test.each([
  'localhost',
  '127.0.0.1',
  '/rds.amazonaws.com',
  'rds.amazonaws.com.example.com',
  'evil-rds.amazonaws.com.evil.org',
  'mydb.us-east-1.amazonaws.com',
])('%s is none', (host) => {
  expect(isRdsHost(host)).toBe(false)
})
