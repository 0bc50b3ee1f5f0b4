import { expect, test } from 'vitest'
import { meantByUrl } from '../../../../src/lib/rds/login/meant-by-url.ts'

const at = (host: string) => ({ host, port: 6543 })
const INSTANCE = at('App.c0ffee.eu-central-1.rds.amazonaws.com')
const CLUSTER = at('app.cluster-c0ffee.eu-central-1.rds.amazonaws.com')
const CUSTOM = at('app.cluster-custom-c0ffee.eu-central-1.rds.amazonaws.com')

test.each([
  [undefined, undefined, undefined, undefined],
  [undefined, INSTANCE, { id: 'app', named: false }, INSTANCE],
  [undefined, CLUSTER, { id: 'app', kind: 'cluster', named: false }, CLUSTER],
  [undefined, CUSTOM, undefined, CUSTOM],
  [undefined, at('localhost'), undefined, at('localhost')],
  ['app', undefined, { id: 'app', named: true }, undefined],
  ['app', CLUSTER, { id: 'app', kind: 'cluster', named: true }, CLUSTER],
  ['other', CLUSTER, { id: 'other', named: true }, undefined],
])('%j named, and a URL of %j', (named, url, database, endpoint) => {
  expect(meantByUrl(named, url)).toEqual({ database, endpoint })
})
