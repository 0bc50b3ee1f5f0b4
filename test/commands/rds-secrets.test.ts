import { expect, test } from 'vitest'
import type { Fault } from '../support/aws/emulator.ts'
import {
  ACCESS_KEY,
  COMMANDS,
  CORE,
  expectNoSecrets,
  FROM_STDIN,
  IN_FILE,
  noWait,
  prepare,
  run,
  SETTINGS,
  settingsOf,
  shown,
  URL_PASSWORD,
  waysOf,
  wordsFor,
} from '../support/aws/secret-run.ts'
import { withEmulator } from '../support/aws/with-emulator.ts'
import type { ManifestCommand } from '../support/manifest.ts'
import { expectNoSecret, type TracedRun } from '../support/traced-run.ts'

// Secrets that are known to the test are used by every command in every way: none of them must come out anywhere.

/** AWS repeats what it should not: whatever it can know, as it was sent, or as it stands in a URL. */
const saying = (...secrets: string[]): Pick<Fault, 'message'> => ({
  message: `Not {MasterUserPassword}, ${secrets.join(', ')}.`,
})
const MESSAGES = [
  saying(URL_PASSWORD, ACCESS_KEY.secret, encodeURIComponent(ACCESS_KEY.token)),
  // More than is repeated of it, so that it is cut off within one: not even a part of that may be shown.
  saying(
    ACCESS_KEY.token,
    JSON.stringify(ACCESS_KEY.secret),
    Array.from({ length: 8 }, () => encodeURIComponent(URL_PASSWORD)).join(),
  ),
] as const

const emulator = withEmulator()

/** That the test sees what it looks for: the mask, and the command lines of the command and of what it starts. */
function expectToHaveSeen({ id, words }: ManifestCommand, { traces }: TracedRun): void {
  if (id === 'rds:url') expect(traces.stdout).toContain('********')
  if (process.platform !== 'linux') return
  expect(traces.ownArguments).toContain(` ${words.join(' ')} `)
  if (id === 'rds:reset-password') expect(traces.programs).toContain('check-ignore')
}

test.for(COMMANDS)('$id that succeeds keeps secrets to itself', { timeout: 240_000 }, async (command) => {
  for (const [index, [name, way]] of waysOf(command).entries())
    for (const { words, env } of settingsOf(index)) {
      await prepare(emulator, command, way)
      const isFirst = way === IN_FILE && words.length === 0
      const all = [...wordsFor(command), ...words, ...(isFirst ? [] : noWait(command))]
      const done = await run(emulator, all, way, env)
      const what = `${command.id}, ${name} ${words.join(' ')}`
      await expectNoSecrets(emulator, done, what)
      expect(done.code, `${what}: ${shown(done)}`).toBe(0)
      expectToHaveSeen(command, done)
    }
})

test.for(COMMANDS)(
  '$id keeps secrets to itself, whichever of its calls fails',
  { timeout: 240_000 },
  async (command) => {
    const ways = 'password' in command.flags ? [IN_FILE, FROM_STDIN] : [IN_FILE]
    for (const [index, way] of ways.entries())
      for (const { words, env } of settingsOf(index)) {
        let after = 0
        for (; ; after += 1) {
          await prepare(emulator, command, way)
          await emulator.fault({
            action: '*',
            after,
            error: 'Refused',
            ...MESSAGES[(after + words.length) % 2],
          })
          const before = (await emulator.calls()).length
          const all = [...wordsFor(command), ...words, ...noWait(command)]
          const done = await run(emulator, all, way, env)
          const what = `${command.id} ${words.join(' ')}, call ${after + 1}`
          await expectNoSecrets(emulator, done, what)
          if ((await emulator.calls()).length <= before + after) break
          // That it was repeated, and masked.
          if (after === 0) expect(shown(done), what).toMatch(/Refused \(Not .*\*{8}/)
        }
        expect(after).toBeGreaterThan(0)
      }
  },
)

const urlCommand = COMMANDS.filter(({ flags }) => 'reveal' in flags)

test.for(urlCommand)(
  '$id --reveal shows the password of the URL, on stdout and nothing else',
  async (command) => {
    const { url: _url, managed: _managed, ...others } = CORE
    for (const { words, env } of SETTINGS)
      for (const [way, core] of [
        [IN_FILE, CORE.url],
        [{ ...IN_FILE, managed: true }, CORE.managed],
      ] as const) {
        await prepare(emulator, command, way)
        const done = await run(emulator, [...wordsFor(command), '--reveal', ...words], way, env)
        expect(done.code, shown(done)).toBe(0)
        expect(done.traces.stdout).toContain(core)
        expectNoSecret(done, Object.values(others), 'anywhere')
        const { stdout: _stdout, ...elsewhere } = done.traces
        expectNoSecret({ ...done, traces: { ...elsewhere, stdout: '' } }, Object.values(CORE), 'elsewhere')
        await emulator.fault({ action: '*', error: 'Refused', ...MESSAGES[0] })
        const failed = await run(emulator, [...wordsFor(command), '--reveal', ...words], way, env)
        await expectNoSecrets(emulator, failed, 'failed')
        expect(failed.code).toBe(1)
      }
  },
)
