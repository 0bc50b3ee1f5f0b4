import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { forgetProduction, moveProduction } from '../../../src/lib/config/production-url.ts'
import { loadSettings } from '../../../src/lib/config/settings.ts'

const GONE = 'gone.aaaaaaaaaa.eu-central-1.rds.amazonaws.com'
const OTHER = 'other.aaaaaaaaaa.eu-central-1.rds.amazonaws.com'
const NEW = { host: 'new.aaaaaaaaaa.eu-central-1.rds.amazonaws.com', port: 5433 }
const urlOf = (host: string) => `postgres://u:secret@${host}:5432/app?sslmode=require`

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cruddur-production-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'package.json'), '{}')
})

/** Settings with these URLs in `.env` and in the environment. */
function settings(filed: string, given?: string) {
  writeFileSync(join(directory, '.env'), `PROD_CONNECTION_URL=${filed}\nB=2\n`)
  return loadSettings({ directory, environment: given === undefined ? {} : { PROD_CONNECTION_URL: given } })
}
const file = () => readFileSync(join(directory, '.env'), 'utf8')

test('the URL of another database stays in the file, whatever the environment says', async () => {
  const before = settings(urlOf(OTHER), urlOf(GONE))
  expect(await forgetProduction(before, GONE, true)).toMatchObject({ leadsThere: true, changed: false })
  expect(await moveProduction(before, [GONE], NEW)).toMatchObject({ leadsThere: true, changed: false })
  expect(file()).toBe(`PROD_CONNECTION_URL=${urlOf(OTHER)}\nB=2\n`)
})

test('the URL in the file goes although the environment names another database', async () => {
  expect(await forgetProduction(settings(urlOf(GONE), urlOf(OTHER)), GONE, true)).toMatchObject({
    leadsThere: false,
    changed: true,
  })
  expect(file()).toBe('B=2\n')
})

test('one that cannot be read is left alone', async () => {
  const before = settings('postgres://u:p@ss@host/app')
  expect(await forgetProduction(before, GONE, true)).toMatchObject({ leadsThere: false, changed: false })
})

test.each([urlOf(GONE), `postgres://u:secret@localhost/app?host=${GONE}&sslmode=require`])(
  '%s leads to the new host, with the same password',
  async (url) => {
    expect(await moveProduction(settings(url), [GONE], NEW)).toMatchObject({ changed: true })
    expect(file()).toBe(`PROD_CONNECTION_URL=postgres://u:secret@${NEW.host}:5433/app?sslmode=require\nB=2\n`)
  },
)
