import { existsSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../../src/lib/postgres/connect.ts'
import { queryRows } from '../../../src/lib/postgres/query.ts'
import { embeddedTarget, type ServerInfo } from '../../../src/lib/server/server-info.ts'
import { stopServer } from '../../../src/lib/server/stop.ts'
import { runSql } from '../../support/database.ts'
import {
  runVerb,
  serverProject,
  type ServerProject,
  serverSql,
  sharedServerProject,
  urlOf,
} from '../../support/server-project.ts'

test('a first start sets a server up, and a second one finds it running', async () => {
  const project = await serverProject()
  const first = await project.start()
  expect(first).toMatchObject({
    host: '127.0.0.1',
    user: 'postgres',
    version: expect.stringMatching(/^17\./),
    startedNow: true,
  })
  expect(await serverSql(first, 'SELECT 1 AS one')).toEqual([{ one: '1' }])
  const second = await project.start()
  expect(second).toEqual({ ...first, startedNow: false })
})

test('the steps are reported: setting up and starting the first time, nothing when it runs', async () => {
  const project = await serverProject()
  const steps = () => project.events.flatMap((event) => (event.type === 'end' ? [event.step] : []))
  await project.start()
  expect(steps()).toEqual(['initdb', 'start'])
  await project.start()
  expect(steps()).toEqual(['initdb', 'start'])
  await stopServer(project)
  await project.start()
  expect(steps()).toEqual(['initdb', 'start', 'start'])
})

test('the server goes on when the command that started it has ended', async () => {
  const project = await serverProject()
  let group = 0
  const { result } = await runVerb('start', project, { onStart: ({ pid }) => (group = pid ?? 0) })
  expect(result).toMatchObject({ startedNow: true })
  // Nor does a Ctrl-C at the same terminal reach it: it has left the command's process group.
  expect(() => process.kill(-group, 'SIGINT')).toThrow('ESRCH')
  expect(await project.start()).toMatchObject({ pid: result?.['pid'], startedNow: false })
})

test('nothing of the caller’s environment changes the server', async () => {
  const project = await serverProject()
  const wrapper = ['env', 'LC_ALL=xx_NOWHERE.UTF-8', 'PGDATA=/nowhere', 'PGPORT=1', 'TZ=Asia/Tokyo']
  const outcome = await runVerb('start', project, { wrapper })
  expect(outcome.error).toBeUndefined()
  expect(await serverSql(await project.start(), 'SHOW timezone')).toEqual([{ TimeZone: 'UTC' }])
})

test('a path with blanks, quotes and letters of all kinds will do', async () => {
  const project = await serverProject(`it's "my" prójekt ${'x'.repeat(80)}`)
  expect(await serverSql(await project.start(), 'SELECT 1 AS one')).toEqual([{ one: '1' }])
})

test('a log that has grown too large begins anew, and the old one is kept', async () => {
  const project = await serverProject()
  const { logFile } = await project.start()
  await stopServer(project)
  truncateSync(logFile, 17 * 1024 * 1024)
  await project.start()
  expect(statSync(logFile).size).toBeLessThan(100_000)
  expect(existsSync(`${logFile}.old`)).toBe(true)
})

/** Gathers the command lines and environments of all processes until the work is done (proc(5)). */
async function watchProcesses<T>(work: Promise<T>): Promise<string[]> {
  const watched = { seen: new Set<string>(), over: false }
  const finished = work.finally(() => (watched.over = true))
  while (!watched.over) {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const texts = ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8'))
        watched.seen.add(texts.join('\n'))
      } catch {
        // It has ended since it was listed.
      }
    }
    await nextTurn()
  }
  await finished
  return [...watched.seen]
}

test.runIf(process.platform === 'linux')(
  'the password is on no command line and not in the log',
  async () => {
    const project = await serverProject()
    const starting = project.start()
    const seen = (await watchProcesses(starting)).filter((text) => text.includes(project.projectRoot))
    const server = await starting
    expect(seen.some((text) => text.includes('initdb'))).toBe(true)
    expect(seen.some((text) => text.includes('listen_addresses'))).toBe(true)
    expect(seen.filter((text) => text.includes(server.password))).toEqual([])
    expect(readFileSync(server.logFile, 'utf8')).not.toContain(server.password)
  },
)

describe('the server', () => {
  let project: ServerProject
  let server: ServerInfo

  beforeAll(async () => {
    project = await sharedServerProject()
    server = await project.start()
  })

  afterAll(() => project.remove())

  test('is durable', async () => {
    const rows = await serverSql(
      server,
      `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
              current_setting('full_page_writes') AS pages`,
    )
    expect(rows).toEqual([{ fsync: 'on', commit: 'on', pages: 'on' }])
  })

  test('speaks UTF-8, sorts by code point and knows capitals beyond ASCII', async () => {
    const rows = await serverSql(
      server,
      `SELECT current_setting('server_encoding') AS encoding, lower('ÄÉŁ') AS lower, 'B' < 'a' AS ordered`,
    )
    expect(rows).toEqual([{ encoding: 'UTF8', lower: 'äéł', ordered: 't' }])
  })

  test('listens on the loopback address only, and on no socket', async () => {
    const settings = await serverSql(
      server,
      `SELECT current_setting('listen_addresses') AS listen, current_setting('unix_socket_directories') AS sockets`,
    )
    expect(settings).toEqual([{ listen: '127.0.0.1', sockets: '' }])
    const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
    for (const { address } of addresses.filter(({ family, internal }) => family === 'IPv4' && !internal)) {
      const url = urlOf(server).replace('127.0.0.1', address)
      await expect(runSql(url, 'SELECT 1')).rejects.toMatchObject({ code: 'SERVER_NOT_RUNNING' })
    }
  })

  test('asks for the password on every way in, by SCRAM', async () => {
    const rules = await serverSql(server, 'SELECT DISTINCT auth_method AS method FROM pg_hba_file_rules')
    expect(rules).toEqual([{ method: 'scram-sha-256' }])
    const [secret] = await serverSql(server, "SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'")
    expect(secret?.['rolpassword']).toMatch(/^SCRAM-SHA-256\$/)
    const wrong = urlOf({ ...server, password: 'guess' })
    await expect(runSql(wrong, 'SELECT 1')).rejects.toMatchObject({ code: 'WRONG_PASSWORD' })
  })

  test('has a random password that fits into a URL, in a file closed to others', async () => {
    expect(server.password).toMatch(/^[A-Za-z0-9_-]{32}$/)
    const other = await serverProject()
    expect((await other.start()).password).not.toBe(server.password)
    const folder = dirname(server.dataDirectory)
    expect(statSync(join(folder, 'password')).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  test('is out of git’s sight', () => {
    const home = join(project.projectRoot, '.cruddur')
    expect(readdirSync(project.projectRoot)).toEqual(['.cruddur'])
    expect(readdirSync(home).toSorted()).toEqual(['.gitignore', 'postgres'])
    expect(readFileSync(join(home, '.gitignore'), 'utf8')).toBe('*\n')
  })

  test('is a target for connections, whatever the database is called', async () => {
    await serverSql(server, 'CREATE DATABASE "a/b c"')
    const connection = await connect(embeddedTarget(server, 'a/b c'))
    expect(await queryRows(connection, 'SELECT current_database() AS name')).toEqual([{ name: 'a/b c' }])
    await connection.close()
  })

  test('does not keep the caller from deleting the database postgres', async () => {
    const template = urlOf(server, 'template1')
    await runSql(template, 'DROP DATABASE postgres WITH (FORCE)')
    expect(await project.start()).toMatchObject({ pid: server.pid, version: '17' })
    await runSql(template, 'CREATE DATABASE postgres')
  })
})
