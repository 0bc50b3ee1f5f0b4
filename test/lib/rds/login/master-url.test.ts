import { expect, test } from 'vitest'
import { masterUrl, redactedMasterUrl } from '../../../../src/lib/rds/login/master-url.ts'
import { parseConnectionUrl } from '../../../../src/lib/target/connection-url.ts'
import { SeededRandom } from '../../../support/seeded-random.ts'

const DATABASE = {
  endpoint: { host: 'cruddur-db.c0ffee.eu-central-1.rds.amazonaws.com', port: 5432 },
  databaseName: 'cruddur',
  masterUser: 'cruddurroot',
}

test('everything is in it, the certificate is verified', () => {
  expect(masterUrl(DATABASE, 'P@55w0rd!')).toBe(
    'postgres://cruddurroot:P%4055w0rd%21@cruddur-db.c0ffee.eu-central-1.rds.amazonaws.com:5432/cruddur?sslmode=verify-full',
  )
})

test('one made without a database leads to the one that is always there', () => {
  expect(masterUrl({ ...DATABASE, databaseName: undefined })).toMatch(/:5432\/postgres\?/)
})

test('one that may pause is given the time that it takes to wake up', () => {
  const url = masterUrl({ ...DATABASE, capacity: { min: 0, max: 2 } }, 'secret')
  expect(url).toMatch(/\/cruddur\?sslmode=verify-full&connect_timeout=40$/)
  expect(parseConnectionUrl(url)).toMatchObject({ connectTimeout: 40_000, sslMode: 'verify-full' })
  for (const capacity of [undefined, { min: 0.5, max: 2 }])
    expect(masterUrl({ ...DATABASE, capacity })).toMatch(/\?sslmode=verify-full$/)
})

test('as it may be shown, it has a mask in the place of the password', () => {
  expect(redactedMasterUrl({ ...DATABASE, masterUser: 'm@e' })).toBe(
    'postgres://m%40e:********@cruddur-db.c0ffee.eu-central-1.rds.amazonaws.com:5432/cruddur?sslmode=verify-full',
  )
})

test('whatever is in them, names and password are read back', () => {
  const random = new SeededRandom(11)
  const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index))
  const characters = [...printable, 'é', '漢', '\u{1f600}', '\n', '\t']
  const text = (most: number) =>
    Array.from({ length: 1 + random.below(most) }, () => random.pick(characters)).join('')
  for (let round = 0; round < 5000; round++) {
    const database = {
      endpoint: { host: DATABASE.endpoint.host, port: 1 + random.below(65_535) },
      databaseName: text(12),
      masterUser: text(16),
    }
    const password = random.below(5) === 0 ? undefined : text(128)
    const url = masterUrl(database, password)
    expect(url).toMatch(/^[\w.~:/@%?=-]+$/)
    expect(parseConnectionUrl(url)).toMatchObject({
      ...database.endpoint,
      user: database.masterUser,
      password,
      database: database.databaseName,
      sslMode: 'verify-full',
    })
  }
})
