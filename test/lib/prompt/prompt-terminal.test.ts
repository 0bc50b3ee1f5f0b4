import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { createDatabase, runSql, type TestDatabase } from '../../support/database.ts'
import { Terminal, terminalMissing } from '../../support/terminal.ts'

const HELPER = join(import.meta.dirname, '../../support/run-prompt.ts')

let database: TestDatabase
let name: string

beforeAll(async () => {
  database = await createDatabase(inject('serverUrl'))
  name = database.name
  await runSql(
    database.url,
    `create table users (id int primary key, email text); insert into users values (1, 'ada@example.com'), (2, null)`,
  )
})

afterAll(() => database.drop())

interface Given {
  historyFile?: string
  label?: string
  color?: boolean
  columns?: number
}

/** Starts the prompt in a terminal and waits until it waits. */
async function open({ columns, ...given }: Given = {}): Promise<Terminal> {
  const terminal = await Terminal.start({
    command: [process.execPath, HELPER],
    env: { PROMPT_OPTIONS: JSON.stringify({ url: database.url, ...given }), HOME: tmpdir() },
    columns: columns ?? 100,
  })
  onTestFinished(() => terminal.stop())
  await terminal.waitFor(new RegExp(`${name}=[#>]$`))
  return terminal
}

/** Types lines, each when the prompt waits again; returns the screen. */
async function enter(terminal: Terminal, ...lines: string[]): Promise<string> {
  for (const line of lines) {
    const before = await terminal.screen()
    await terminal.enter(line)
    await terminal.waitFor((screen) => screen !== before && atPrompt(screen) && screen.length > before.length)
  }
  return terminal.screen()
}

/** Waits until a query sleeps: a request to cancel that comes before it has begun does nothing, with psql as with us. */
async function untilAsleep(): Promise<void> {
  const asleep = `select from pg_stat_activity where datname = '${name}' and wait_event = 'PgSleep'`
  await expect.poll(() => runSql(database.url, asleep), { timeout: 15_000 }).toHaveLength(1)
}

/** Whether the last line is a prompt with nothing behind it. */
function atPrompt(screen: string): boolean {
  const last = screen.slice(screen.lastIndexOf('\n') + 1)
  return /(?:[=\-('"$*@!][*!]?[#>]|>>)$/.test(last)
}

/** The last so many lines. */
function tail(screen: string, lines: number): string[] {
  return screen.split('\n').slice(-lines)
}

describe.skipIf(terminalMissing)(`the prompt${terminalMissing ? ` (${terminalMissing})` : ''}`, () => {
  test('answers with a table, and \\q leaves', async () => {
    const terminal = await open()
    const screen = await enter(terminal, 'select id, email from users order by id;')
    expect(tail(screen, 7)).toEqual([
      ' id |      email',
      '----+-----------------',
      '  1 | ada@example.com',
      '  2 | <NULL>',
      '(2 rows)',
      '',
      `${name}=#`,
    ])
    await terminal.enter('\\q')
    expect(await terminal.exitCode()).toBe(0)
  })

  test('Ctrl-D leaves too', async () => {
    const terminal = await open()
    await terminal.press('C-d')
    await terminal.waitFor('prompt ended: {"statements":0,"rolledBack":false}')
  })

  test.each(['exit', 'quit'])('so does the word %s', async (word) => {
    const terminal = await open()
    await terminal.enter(word)
    await terminal.waitFor('prompt ended')
  })

  test('the prompt shows what is open', async () => {
    const terminal = await open()
    const lines = [
      'select',
      "'a",
      'b\', "x',
      'y", $$ c',
      '$$, (1 +',
      '2), /* c',
      '*/ 3 from',
      '(values (1)) v("x',
      'y");',
    ]
    const screen = await enter(terminal, ...lines)
    const prompts = screen
      .split('\n')
      .flatMap((line) => (line.startsWith(name) ? [line.slice(name.length)] : []))
    expect(prompts.slice(0, 9)).toEqual([
      '=# select',
      "-# 'a",
      "'# b', \"x",
      '"# y", $$ c',
      '$# $$, (1 +',
      '(# 2), /* c',
      '*# */ 3 from',
      '-# (values (1)) v("x',
      '"# y");',
    ])
    expect(screen).toContain('(1 row)')
  })

  test('a number or a word at the end of a line is read at once', async () => {
    const terminal = await open()
    expect(await enter(terminal, 'select 1;')).toContain('(1 row)')
    expect(tail(await enter(terminal, 'select'), 1)).toEqual([`${name}-#`])
  })

  test('a transaction is seen in the prompt, a failed one too', async () => {
    const terminal = await open()
    const screen = await enter(terminal, 'begin;', 'select', '1;', 'selec;', 'rollback;')
    const prompts = screen
      .split('\n')
      .flatMap((line) => (line.startsWith(name) ? [line.slice(name.length)] : []))
    expect(prompts).toEqual(['=# begin;', '=*# select', '-*# 1;', '=*# selec;', '=!# rollback;', '=#'])
  })

  test('an error shows the place, and the prompt goes on', async () => {
    const terminal = await open()
    const screen = await enter(terminal, 'select nix from users;', "select 'goes on' as so;")
    expect(screen).toContain(
      'ERROR:  column "nix" does not exist (SQLSTATE 42703)\nLINE 1: select nix from users\n               ^\n',
    )
    expect(screen).toContain(' goes on\n')
  })

  test('who is no superuser has another sign', async () => {
    const terminal = await open()
    const screen = await enter(terminal, 'set role pg_monitor;')
    expect(tail(screen, 1)).toEqual([`${name}=>`])
  })

  test('Ctrl-C cancels a query, and the session goes on', async () => {
    const terminal = await open()
    await enter(terminal, "set my.mark = 'still here';")
    await terminal.enter('select pg_sleep(600);')
    await terminal.waitFor(/pg_sleep\(600\);$/)
    await untilAsleep()
    await terminal.press('C-c')
    await terminal.waitFor('ERROR:  canceling statement due to user request (SQLSTATE 57014)')
    expect(await enter(terminal, 'show my.mark;')).toContain(' still here\n')
  })

  test('Ctrl-C while typing drops the line, and the statement it belongs to', async () => {
    const terminal = await open()
    await enter(terminal, "select 'dropped',")
    await terminal.type("'half a line")
    await terminal.press('C-c')
    await terminal.waitFor(/half a line\^C\n.*=#$/)
    expect(await enter(terminal, "select 'whole' as w;")).toContain(' w\n-------\n whole\n')
  })

  test('Ctrl-C in the middle of a string drops it too', async () => {
    const terminal = await open()
    await enter(terminal, "select 'open")
    await terminal.press('C-c')
    await terminal.waitFor(/\^C\n.*=#$/)
    expect(await enter(terminal, "select 'whole' as w;")).toContain(' whole\n')
  })

  test('what was typed is there at the next start, a statement of several lines as one entry', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cruddur-history-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const historyFile = join(folder, 'history')
    const first = await open({ historyFile })
    await enter(first, 'select 1 as first;', 'select 2', 'as second;', "alter role postgres password 'pw';")
    await first.press('C-d')
    await first.exitCode()
    const second = await open({ historyFile })
    await second.press('Up')
    await second.waitFor(/=# select 2␤as second;$/)
    await second.press('Enter')
    await second.waitFor(/second\n-+\n +2\n\(1 row\)\n/)
    await second.press('Up', 'Up')
    await second.waitFor(/=# select 1 as first;$/)
  })

  test('a paste of many lines runs as if it were typed', async () => {
    const terminal = await open()
    const inserts = Array.from({ length: 50 }, (_, index) => `insert into pasted\n\tvalues (${index});`)
    await terminal.paste(
      `create temp table pasted (a int);\n${inserts.join('\n')}\nselect sum(a) from pasted;\n`,
    )
    await terminal.waitFor(/ sum\n-+\n 1225\n\(1 row\)\n/)
  })

  test('Ctrl-C stops a paste: what is still to come is not run', async () => {
    const terminal = await open()
    await terminal.paste(`select pg_sleep(600);\nselect 'never' || ' run';\n`)
    await terminal.waitFor(/never.*\n?$/)
    await untilAsleep()
    await terminal.press('C-c')
    await terminal.waitFor('canceling statement')
    const screen = await enter(terminal, "select 'and then';")
    expect(screen).not.toContain('never run')
  })

  test('\\d describes a table', async () => {
    const terminal = await open()
    const screen = await enter(terminal, '\\d users')
    expect(tail(screen, 9)).toEqual([
      '               Table "public.users"',
      ' Column |  Type   | Collation | Nullable | Default',
      '--------+---------+-----------+----------+---------',
      ' id     | integer |           | not null |',
      ' email  | text    |           |          |',
      'Indexes:',
      '    "users_pkey" PRIMARY KEY, btree (id)',
      '',
      `${name}=#`,
    ])
  })

  test('\\x turns rows over', async () => {
    const terminal = await open()
    const screen = await enter(terminal, '\\x', 'select * from users where id = 1;')
    expect(screen).toContain('Expanded display is on.\n')
    expect(screen).toContain('-[ RECORD 1 ]----------\nid    | 1\nemail | ada@example.com\n')
  })

  test('rows that do not fit turn over by themselves, as wide as the window is then', async () => {
    const terminal = await open({ columns: 60 })
    const wide = `select '${'w'.repeat(35)}' as a, 'x' as longer_name;`
    expect(await enter(terminal, wide)).toContain(' | x\n(1 row)\n')
    await terminal.resize(40, 40)
    expect(await enter(terminal, wide)).toContain('RECORD 1')
    expect(await enter(terminal, '\\x off', wide)).toMatch(
      / \| x\n\(1 row\)\n[\s\S]*RECORD 1[\s\S]* \| x\n\(1 row\)\n/,
    )
  })

  test('NULL is dim where colours are, so that it is not the text', async () => {
    const terminal = await open({ color: true })
    await enter(terminal, "select null as a, 'NULL' as b;")
    const screen = await terminal.colouredScreen()
    expect(screen).toContain('\u001b[2mNULL\u001b[0m')
    expect(screen).toContain('| NULL\n')
  })

  test('a production database is marked in red', async () => {
    const terminal = await Terminal.start({
      command: [process.execPath, HELPER],
      env: { PROMPT_OPTIONS: JSON.stringify({ url: database.url, label: 'PRODUCTION', color: true }) },
    })
    onTestFinished(() => terminal.stop())
    await terminal.waitFor(`PRODUCTION ${name}=#`)
    expect(await terminal.colouredScreen()).toContain('\u001b[1m\u001b[31mPRODUCTION\u001b[0m')
  })

  test('so is one that bears the mark, also when one comes to it with \\c', async () => {
    const marked = await createDatabase(inject('serverUrl'))
    onTestFinished(() => marked.drop())
    await runSql(database.url, `alter database ${marked.name} set cruddur.environment = 'production'`)
    const terminal = await open()
    await terminal.enter(`\\c ${marked.name}`)
    await terminal.waitFor(`PRODUCTION ${marked.name}=#`)
    await terminal.enter(`\\c ${name}`)
    await terminal.waitFor(new RegExp(`^${name}=#$`, 'm'))
  })

  test('\\c goes to another database', async () => {
    const terminal = await open()
    await terminal.enter('\\c postgres')
    await terminal.waitFor(/You are now connected to database "postgres" as user "\w+"\.\npostgres=#$/)
  })

  test('\\i runs a script; its error names the place and the prompt goes on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cruddur-script-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const path = join(folder, 's.sql')
    await writeFile(path, "select 'from the script' as a;\nselect nix;\nselect 'never';\n")
    const terminal = await open()
    const screen = await enter(terminal, `\\i ${path}`)
    expect(screen).toContain(' from the script\n')
    expect(screen).toContain(
      `ERROR:  ${path}:2:8: column "nix" does not exist (SQLSTATE 42703)\n2 | select nix;\n           ^\n${name}=#`,
    )
    expect(screen).not.toContain('never')
  })

  test('COPY FROM STDIN takes lines up to \\., COPY TO STDOUT shows them', async () => {
    const terminal = await open()
    const screen = await enter(
      terminal,
      'create temp table t (a int);',
      'copy t from stdin;',
      '1',
      '2',
      '\\.',
      'copy t to stdout;',
    )
    expect(screen).toContain('>> 1\n>> 2\n>> \\.\nCOPY 2\n')
    expect(screen).toMatch(/copy t to stdout;\n1\n2\n.*=#$/)
  })

  test('Ctrl-D ends the data of a COPY, not the prompt', async () => {
    const terminal = await open()
    await enter(terminal, 'create temp table t (a int);', 'copy t from stdin;', '1')
    await terminal.press('C-d')
    await terminal.waitFor('COPY 1')
    expect(await enter(terminal, 'select a from t;')).toContain('(1 row)')
  })

  test('Ctrl-C gives a COPY up: nothing is kept', async () => {
    const terminal = await open()
    await enter(terminal, 'create temp table t (a int);', 'copy t from stdin;', '1')
    await terminal.press('C-c')
    await terminal.waitFor(/\^C\n.*=#$/)
    expect(await enter(terminal, 'select count(*) from t;')).toMatch(/ +0\n\(1 row\)/)
  })

  test('control characters in data and names are shown, not obeyed', async () => {
    const terminal = await open()
    const screen = await enter(
      terminal,
      `select E'\\x1b[2Jgone\\x07' as U&"a\\0001";`,
      `copy (select E'\\x1b[2J') to stdout;`,
    )
    expect(screen).toContain(' \\x1B[2Jgone\\x07\n')
    expect(screen).toContain('\n\\x1B[2J\n')
    expect(screen).toMatch(/^ +a\\x01$/m)
    expect(screen).toContain('select E')
  })

  test('a lost connection is told and restored; the transaction is lost, and the statement is not sent again', async () => {
    const terminal = await open()
    await enter(terminal, 'begin;')
    const screen = await enter(terminal, 'select pg_terminate_backend(pg_backend_pid());')
    expect(screen).toMatch(/The connection to .* was lost\. The server's last words: terminating connection/)
    expect(screen).toContain(
      'Connected again.\nThe transaction that was open before is lost; it was rolled back.\n',
    )
    expect(tail(screen, 1)).toEqual([`${name}=#`])
    expect(await enter(terminal, "select 'here again' as h;")).toContain(' here again\n')
  })

  test('a connection lost while nobody looked: the next statement is not run in another session', async () => {
    const terminal = await open()
    await enter(terminal, 'create table untouched (a int); begin;')
    await runSql(
      database.url,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid()`,
    )
    const screen = await enter(terminal, 'drop table untouched;')
    expect(screen).toContain('nothing was sent')
    expect(await runSql(database.url, "select to_regclass('untouched') as t")).toEqual([{ t: 'untouched' }])
  })

  test('an open transaction is rolled back at the end, and that is said', async () => {
    const terminal = await open()
    await enter(terminal, 'begin;')
    await terminal.enter('\\q')
    await terminal.waitFor('A transaction was still open; it was rolled back.')
    await terminal.waitFor('"rolledBack":true')
  })

  test('Tab completes keywords, tables and commands', async () => {
    const terminal = await open()
    await terminal.type('sel')
    await terminal.press('Tab')
    await terminal.waitFor(/=# select$/)
    await terminal.type('* from us')
    await terminal.press('Tab')
    await terminal.waitFor(/from users$/)
    await terminal.type(';')
    await terminal.press('Enter')
    await terminal.waitFor('(2 rows)')
    await terminal.type('\\conni')
    await terminal.press('Tab')
    await terminal.waitFor(/\\conninfo$/)
  })

  test('a tab that is pasted is a tab', async () => {
    const terminal = await open()
    await terminal.paste("select\t'a\tb' as t;\n")
    await terminal.waitFor(' a       b\n(1 row)')
  })

  test('Ctrl-C stops the writing of a long result, which says how far it got', async () => {
    const terminal = await open()
    await terminal.enter('select generate_series(1, 2000000) as n;')
    await terminal.waitFor(/^ +\d+$/m)
    await terminal.press('C-c')
    await terminal.waitFor(/\(stopped after \d+ of 2000000 rows\)/)
    expect(await enter(terminal, "select 'fine' as f;")).toContain(' fine\n')
  })

  test('Ctrl-Z puts it aside, and it goes on where it was', async () => {
    const terminal = await Terminal.start({
      command: ['sh', '-i'],
      env: { PS1: 'shell> ', ENV: '', PROMPT_OPTIONS: JSON.stringify({ url: database.url }) },
    })
    onTestFinished(() => terminal.stop())
    await terminal.waitFor('shell>')
    await terminal.enter(`${process.execPath} ${HELPER}`)
    await terminal.waitFor(`${name}=#`)
    await terminal.press('C-z')
    await terminal.waitFor(/Stopped|Suspended/)
    await terminal.enter('fg')
    await terminal.waitFor(new RegExp(`${name}=#$`))
    expect(await enter(terminal, "select 'back' as b;")).toContain(' back\n')
  })

  test('SIGTERM ends it and leaves the terminal as it was', async () => {
    const terminal = await open()
    await terminal.enter('select pg_sleep(600);')
    await terminal.waitFor(/pg_sleep\(600\);$/)
    await untilAsleep()
    process.kill(await terminal.pid(), 'SIGTERM')
    await terminal.waitFor('INTERRUPTED: ')
    expect(await terminal.exitCode()).toBe(1)
  })
})
