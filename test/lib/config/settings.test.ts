import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadSettings, type Settings } from '../../../src/lib/config/settings.ts'
import { UsageError } from '../../../src/lib/errors.ts'
import { withProject } from '../../support/cli.ts'

/** The settings of a project with this .env. */
function settingsOf(envFile: string, environment: Record<string, string> = {}): Promise<Settings> {
  return withProject({ '.env': envFile }, async ({ path }) => loadSettings({ directory: path, environment }))
}

test('the URLs are found in .env, also from a folder below', async () => {
  const env = 'CONNECTION_URL=postgres://a/local\nPROD_CONNECTION_URL=postgres://b/prod\n'
  await withProject({ '.env': env, 'src/x.ts': '' }, async ({ path }) => {
    const settings = loadSettings({ directory: join(path, 'src'), environment: {} })
    expect(settings).toMatchObject({
      directory: join(path, 'src'),
      projectRoot: path,
      connectionUrl: { value: 'postgres://a/local', source: `CONNECTION_URL in ${path}/.env` },
      prodConnectionUrl: { value: 'postgres://b/prod', source: `PROD_CONNECTION_URL in ${path}/.env` },
    })
  })
})

test('the environment counts before .env, each variable for itself', async () => {
  const env = 'CONNECTION_URL=postgres://file/x\nPROD_CONNECTION_URL=postgres://file/y\n'
  const settings = await settingsOf(env, { CONNECTION_URL: 'postgres://environment/x' })
  expect(settings.connectionUrl).toEqual({
    value: 'postgres://environment/x',
    source: 'CONNECTION_URL in the environment',
  })
  expect(settings.prodConnectionUrl?.value).toBe('postgres://file/y')
})

test.each([
  ['CONNECTION_URL=postgres://h/db', 'postgres://h/db'],
  ['CONNECTION_URL="postgres://h/db"', 'postgres://h/db'],
  ["CONNECTION_URL='postgres://h/db'", 'postgres://h/db'],
  ["CONNECTION_URL='postgres://me:a#b$c@h/db'", 'postgres://me:a#b$c@h/db'],
  ['export CONNECTION_URL=postgres://h/db', 'postgres://h/db'],
  ['CONNECTION_URL = postgres://h/db', 'postgres://h/db'],
  ['CONNECTION_URL=postgres://h/db # local', 'postgres://h/db'],
  ['# CONNECTION_URL=postgres://x/x\nCONNECTION_URL=postgres://h/db', 'postgres://h/db'],
  ['CONNECTION_URL=postgres://x/x\nCONNECTION_URL=postgres://h/db', 'postgres://h/db'],
  ['CONNECTION_URL=postgres://h/db\r\nX=1\r\n', 'postgres://h/db'],
  ['\uFEFFCONNECTION_URL=postgres://h/db', 'postgres://h/db'],
  [
    'CONNECTION_URL=postgres://h/db?sslmode=require&application_name=x',
    'postgres://h/db?sslmode=require&application_name=x',
  ],
])('the line %j is read as %s', async (line, value) => {
  expect((await settingsOf(line)).connectionUrl?.value).toBe(value)
})

test.each(['', 'CONNECTION_URL=\n', 'OTHER=x\n'])('with the file %j there is no URL', async (text) => {
  expect((await settingsOf(text)).connectionUrl).toBeUndefined()
})

describe('the file', () => {
  test('.env need not be there', async () => {
    await withProject({ 'package.json': '{}' }, async ({ path }) => {
      expect(loadSettings({ directory: path, environment: {} }).connectionUrl).toBeUndefined()
    })
  })

  test('.env may be a folder, as that of a Python environment often is', async () => {
    await withProject({ 'package.json': '{}' }, async ({ path }) => {
      mkdirSync(join(path, '.env'))
      expect(loadSettings({ directory: path, environment: {} }).connectionUrl).toBeUndefined()
    })
  })

  test('another one may be named, relative to where the command was called', async () => {
    const files = {
      '.env': 'CONNECTION_URL=postgres://no/x',
      'src/test.env': 'CONNECTION_URL=postgres://yes/x',
    }
    await withProject(files, async ({ path }) => {
      const settings = loadSettings({
        directory: join(path, 'src'),
        environment: {},
        envFile: 'test.env',
      })
      expect(settings.connectionUrl?.value).toBe('postgres://yes/x')
    })
  })

  test('another one may be named by its whole path', async () => {
    await withProject({ 'test.env': 'CONNECTION_URL=postgres://yes/x' }, async ({ path }) => {
      const settings = loadSettings({ directory: '/', environment: {}, envFile: join(path, 'test.env') })
      expect(settings.connectionUrl?.value).toBe('postgres://yes/x')
    })
  })

  test.each(['missing.env', 'folder'])('one that was named must be readable: %s', async (envFile) => {
    await withProject({ 'folder/x': '' }, async ({ path }) => {
      const load = () => loadSettings({ directory: path, environment: {}, envFile })
      expect(load).toThrow(UsageError)
      expect(load).toThrow(`The file "${join(path, envFile)}" cannot be read.`)
    })
  })
})

test('PGPASSWORD is found in the environment and in .env', async () => {
  expect((await settingsOf('PGPASSWORD=a')).password).toBe('a')
  expect((await settingsOf('PGPASSWORD=a', { PGPASSWORD: 'b' })).password).toBe('b')
})

test('the password file is that of PGPASSFILE, else .pgpass in the home folder', async () => {
  expect((await settingsOf('', { HOME: '/home/me' })).passwordFile).toBe('/home/me/.pgpass')
  expect((await settingsOf('', { HOME: '/home/me', PGPASSFILE: '/x/y' })).passwordFile).toBe('/x/y')
  expect((await settingsOf('', { HOME: '/home/me', PGPASSFILE: '' })).passwordFile).toBe('/home/me/.pgpass')
})

test.each([
  [{ HOME: '/home/ada' }, '/home/ada/.local/state/cruddur'],
  [{ HOME: '/home/ada', XDG_STATE_HOME: '/state' }, '/state/cruddur'],
  [{ HOME: '/home/ada', XDG_STATE_HOME: 'relative' }, '/home/ada/.local/state/cruddur'],
])('with %j the folder for state is %s', async (environment, folder) => {
  expect((await settingsOf('', environment)).stateFolder).toBe(folder)
})
