import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { parseConnectionUrl } from '../../src/lib/target/connection-url.ts'
import { Holdings } from '../support/aws/holdings.ts'
import { makeInstance } from '../support/aws/instance.ts'
import { writes } from '../support/aws/keep.ts'
import { withEmulator } from '../support/aws/with-emulator.ts'
import { EXECUTABLE, makeProject, type TestProjectFolder } from '../support/cli.ts'
import { Terminal, terminalMissing } from '../support/terminal.ts'

// Whoever is asked on a terminal may say no, in each way in which people do. What the commands do after a yes stands in the tests
// of each of them.

const ID = 'cruddur-db'
const PASSWORD = 'Zq7VxKw#?%41:&='
const URL = `postgres://cruddurroot:old-password@${ID}.aaaaaaaaaa.eu-central-1.rds.amazonaws.com:5432/cruddur`

const emulator = withEmulator()
let holdings: Holdings
let project: TestProjectFolder

beforeAll(() => {
  holdings = new Holdings(emulator)
})
afterAll(() => holdings?.close())

beforeEach(async () => {
  await makeInstance(emulator, ID, { DBName: 'cruddur' })
  project = makeProject({ 'package.json': '{"name":"my-app"}', '.env': `PROD_CONNECTION_URL=${URL}\n` })
  onTestFinished(() => project.remove())
})

const urlInEnv = () => parseEnv(readFileSync(join(project.path, '.env'), 'utf8'))['PROD_CONNECTION_URL'] ?? ''

/** Starts a command and waits for its question. */
async function asked(words: readonly string[], question: string): Promise<Terminal> {
  const terminal = await Terminal.start({
    command: [process.execPath, EXECUTABLE, 'rds', ...words],
    cwd: project.path,
    env: { HOME: project.path, LC_ALL: 'C.UTF-8', ...emulator.environment },
    columns: 160,
  })
  onTestFinished(() => terminal.stop())
  await terminal.waitFor(question)
  return terminal
}

/** What changes something, besides the database that the test has made. */
const changes = async () =>
  writes(await emulator.calls())
    .filter((action) => action !== 'GetCallerIdentity')
    .slice(1)

const QUESTIONS: readonly (readonly [string, string[], string])[] = [
  ['the plan of create', ['create', '--force'], 'Make it? [y/N]'],
  ['the name of delete', ['delete'], `Type ${ID} to go on`],
  ['the name of reset-password', ['reset-password'], `Type ${ID} to go on`],
]

const NOES = [
  ['C-c', 130, 'Interrupted; nothing was done.'],
  ['C-d', 2, 'was not confirmed; nothing was done.'],
  ['Enter', 2, 'was not confirmed; nothing was done.'],
] as const

describe.skipIf(terminalMissing)(`on a terminal${terminalMissing ? ` (${terminalMissing})` : ''}`, () => {
  describe.each(QUESTIONS)('%s', (_, words, question) => {
    test.each(NOES)('%s: exit code %i, and nothing is done', async (key, code, said) => {
      const terminal = await asked(words, question)
      await terminal.press(key)
      expect(await terminal.exitCode()).toBe(code)
      expect(await terminal.screen()).toContain(said)
      expect(await changes()).toEqual([])
      expect(await holdings.instances()).toHaveLength(1)
      expect(urlInEnv()).toBe(URL)
    })
  })

  test.each(['n', 'no', 'yes please'])('%j is no to the plan of create', async (answer) => {
    const terminal = await asked(['create', '--force'], 'Make it? [y/N]')
    await terminal.enter(answer)
    expect(await terminal.exitCode()).toBe(2)
    expect(await changes()).toEqual([])
  })

  test('y is yes to the plan of create', async () => {
    const terminal = await asked(['create', '--force'], 'Make it? [y/N]')
    await terminal.enter('y')
    expect(await terminal.exitCode()).toBe(0)
    expect(await changes()).toEqual(['CreateDBInstance'])
    expect(await terminal.screen()).not.toContain(parseConnectionUrl(urlInEnv()).password)
  })

  test.each(['delete', 'reset-password'])('%s does nothing for another name, however near', async (verb) => {
    for (const name of ['y', 'Cruddur-db', 'cruddur-d']) {
      const terminal = await asked([verb], `Type ${ID} to go on`)
      await terminal.enter(name)
      expect(await terminal.exitCode()).toBe(2)
      expect(await terminal.screen()).toContain(`"${name}" is not the name of the`)
    }
    expect(await changes()).toEqual([])
    expect(urlInEnv()).toBe(URL)
  })

  test('delete with its name', async () => {
    const terminal = await asked(['delete'], `Type ${ID} to go on`)
    await terminal.enter(ID)
    expect(await terminal.exitCode()).toBe(0)
    expect(await holdings.instances()).toEqual([])
    expect(await holdings.snapshots()).toHaveLength(1)
  })

  test('reset-password asks for the password without showing it, and then for the name', async () => {
    const terminal = await asked(
      ['reset-password', '--password', 'stdin'],
      `Password for the master user of ${ID}:`,
    )
    await terminal.type(`${PASSWORD}x`)
    await terminal.press('BSpace')
    expect((await terminal.screen()).trimEnd()).toMatch(/^Password for the master user of cruddur-db:$/)
    await terminal.press('Enter')
    await terminal.waitFor(`Type ${ID} to go on`)
    await terminal.enter(ID)
    expect(await terminal.exitCode()).toBe(0)
    expect(await terminal.screen()).not.toContain('Zq7VxKw')
    expect(parseConnectionUrl(urlInEnv()).password).toBe(PASSWORD)
  })

  test.each([
    ['C-c', 130, 'Interrupted; nothing was done.'],
    ['C-d', 2, 'The password cannot be taken'],
  ])('%s instead of a password: exit code %i, and AWS is not asked', async (key, code, said) => {
    const before = (await emulator.calls()).length
    const terminal = await asked(['reset-password', '--password', 'stdin'], 'Password for the master user')
    await terminal.press(key)
    expect(await terminal.exitCode()).toBe(code)
    expect(await terminal.screen()).toContain(said)
    expect(await emulator.calls()).toHaveLength(before)
  })
})
