import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findPsql } from '../../../src/lib/prompt/find-psql.ts'
import { commandLines } from '../../support/descendants.ts'
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts'
import { Terminal, terminalMissing, type TerminalOptions } from '../../support/terminal.ts'
import { installCertificate, TLS_SETTINGS, TlsFiles } from '../../support/tls-files.ts'

const psql = findPsql(process.env['PATH'])
const missing = terminalMissing ?? (psql || process.env['CI'] ? undefined : 'psql is not installed')

const HELPER = join(import.meta.dirname, '../../support/run-psql.ts')

let server: PostgresServer
let tls: TlsFiles

beforeAll(async () => {
  tls = new TlsFiles()
  await tls.authority('authority')
  const certificate = await tls.certificate({
    commonName: 'localhost',
    names: ['DNS:localhost', 'IP:127.0.0.1'],
    signedBy: 'authority',
  })
  server = await startPostgres({
    auth: 'scram-sha-256',
    settings: TLS_SETTINGS,
    prepare: (folder, user) => installCertificate(certificate, folder, user),
  })
})

afterAll(async () => {
  await server?.stop()
  tls?.remove()
})

function options(given: Record<string, unknown> = {}, url = server.url): TerminalOptions {
  return {
    command: [process.execPath, HELPER],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: tls.folder,
      PSQLRC: '/dev/null',
      PAGER: 'cat',
      // Must not get in.
      PGHOST: 'nowhere.invalid',
      PGDATABASE: 'nowhere',
      PGSSLMODE: 'verify-full',
      PSQL_OPTIONS: JSON.stringify({ psql, url, ...given }),
    },
  }
}

async function withPsql(
  given: Record<string, unknown>,
  work: (terminal: Terminal) => Promise<void>,
): Promise<void> {
  const terminal = await Terminal.start(options(given))
  try {
    await terminal.waitFor(/postgres=# $|postgres=#$/)
    await work(terminal)
  } finally {
    await terminal.stop()
  }
}

describe.skipIf(missing)(`psql in a terminal${missing ? ` (${missing})` : ''}`, () => {
  test('answers, and leaves with 0', async () => {
    await withPsql({}, async (terminal) => {
      await terminal.enter("select 'answer ' || 42 as a;")
      await terminal.waitFor('answer 42')
      await terminal.enter('\\q')
      await terminal.waitFor('psql ended: {"code":0,"signal":null,"restored":true}')
      expect(await terminal.exitCode()).toBe(0)
    })
  })

  test('Ctrl-C cancels the query, and the session goes on', async () => {
    await withPsql({}, async (terminal) => {
      await terminal.enter("set my.mark = 'still here';")
      await terminal.waitFor('SET')
      await terminal.enter('select pg_sleep(600);')
      await terminal.waitFor('pg_sleep(600);')
      await terminal.press('C-c')
      await terminal.waitFor('canceling statement due to user request')
      await terminal.enter('show my.mark;')
      const screen = await terminal.waitFor('still here\n(1 row)')
      expect(screen).not.toContain('our own listener was called')
    })
  })

  test('Ctrl-C at the prompt does not end it either', async () => {
    await withPsql({}, async (terminal) => {
      await terminal.type('select half a')
      await terminal.press('C-c')
      // What is typed before readline has begun a new line is thrown away with the old one.
      await terminal.waitFor(/half a[^\n]*\n[^\n]*postgres=# ?$/)
      await terminal.enter("select 'whole';")
      await terminal.waitFor(' whole\n(1 row)')
    })
  })

  test('the password is on nobody’s command line', async () => {
    await withPsql({}, async (terminal) => {
      const lines = commandLines()
      expect(lines.some((line) => /\bpsql\b/.test(line))).toBe(true)
      expect(lines.filter((line) => line.includes(server.password ?? ''))).toEqual([])
      await terminal.enter('\\q')
    })
  })

  test('the exit code of a script that fails is told', async () => {
    const given = { arguments: ['-v', 'ON_ERROR_STOP=1', '-c', 'select nix'] }
    const terminal = await Terminal.start(options(given))
    try {
      await terminal.waitFor('psql ended: {"code":1,"signal":null,"restored":true}')
    } finally {
      await terminal.stop()
    }
  })

  test('Ctrl-Z stops both, and they go on together', async () => {
    const { command, env } = options()
    const terminal = await Terminal.start({
      command: ['sh', '-ic', 'PS1="shell> "; export PS1; exec sh -i'],
      env: { ...env, PS1: 'shell> ' },
    })
    try {
      await terminal.waitFor('shell>')
      await terminal.enter(command.join(' '))
      await terminal.waitFor('postgres=#')
      await terminal.press('C-z')
      await terminal.waitFor(/Stopped|Suspended|\[1\] \+/)
      await terminal.enter('fg')
      await terminal.enter("select 'back again';")
      await terminal.waitFor(' back again\n(1 row)')
      await terminal.enter('\\q')
      await terminal.waitFor('"restored":true')
    } finally {
      await terminal.stop()
    }
  })

  test('psql sees the size of the window, also when it changes', async () => {
    await withPsql({}, async (terminal) => {
      await terminal.enter('\\x auto')
      await terminal.waitFor('automatically')
      const wide = `select '${'w'.repeat(60)}' as a, 1 as b;`
      await terminal.enter(wide)
      await terminal.waitFor(/^ w{60} \| 1$/m)
      await terminal.resize(50, 40)
      await terminal.enter(wide)
      await terminal.waitFor('RECORD 1')
    })
  })

  test('SIGTERM for us is passed on', async () => {
    await withPsql({}, async (terminal) => {
      process.kill(await terminal.pid(), 'SIGTERM')
      await terminal.waitFor(/psql ended: \{"code":null,"signal":"SIGTERM"/)
    })
  })

  test('TLS is verified against the root that the URL names', async () => {
    const { port, password } = server
    const url = `postgres://postgres:${password}@localhost:${port}/postgres?sslmode=verify-full&sslrootcert=`
    const given = {
      psql,
      arguments: ['-X', '-At', '-c', 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'],
    }
    const run = async (root: string) => {
      const { env } = options(given, url + root)
      const result = promisify(execFile)(process.execPath, [HELPER], env ? { env } : {})
      return result.catch((error: { stdout: string; stderr: string }) => error)
    }
    expect((await run(tls.path('authority.crt'))).stdout).toMatch(/^t\n/)
    await tls.authority('stranger')
    expect((await run(tls.path('stranger.crt'))).stderr).toContain('certificate verify failed')
  })
})
