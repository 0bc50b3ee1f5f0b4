import { expect, test } from 'vitest'
import { pendingUrl, readPendingUrl } from '../../../../src/lib/rds/create/pending-url.ts'

const PARTS = { port: 6543, masterUser: 'boss', databaseName: 'shop' }

test.each([
  { id: 'my-db', region: 'eu-central-1', request: '0123456789ab', password: 'a#b?c%d:e&f=g' },
  { id: 'a', region: 'us-gov-west-1', request: 'ff', password: undefined },
])('what is kept of a request is read again: $id', (pending) => {
  const url = pendingUrl(PARTS, pending)
  expect(readPendingUrl(url)).toEqual(pending)
  // A name that leads nowhere: whoever takes the URL for the real one reaches nobody.
  expect(new URL(url).hostname).toMatch(/\.invalid$/)
})

test.each([
  undefined,
  '',
  'postgres://me:secret@db.example.com/app',
  'postgres://me:secret@my-db.c0ffee.eu-central-1.rds.amazonaws.com/app',
  'postgres://me:a@b@my-db.c0ffee.eu-central-1.rds.invalid/app',
  'anything',
])('%j is none', (text) => {
  expect(readPendingUrl(text)).toBeUndefined()
})
