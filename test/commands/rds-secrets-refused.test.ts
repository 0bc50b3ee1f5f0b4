import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type AwsEmulator,
  EMULATOR_START_TIMEOUT,
  type Fault,
  startAwsEmulator,
} from '../support/aws/emulator.ts'
import {
  ACCESS_KEY,
  COMMANDS,
  CORE,
  expectNoSecrets,
  FROM_STDIN,
  IN_FILE,
  run,
  SETTINGS,
  settingsOf,
  shown,
  SNAPSHOT,
  STDIN_PASSWORD,
  URL_PASSWORD,
  urlWith,
  type Way,
  wordsFor,
} from '../support/aws/secret-run.ts'

// Secrets that are known to the test, with an AWS that is of no help, and with input that is refused.

/** An emulator whose answer is always the same, so that commands may ask it side by side. */
function withFault(fault: Omit<Fault, 'action'>): () => AwsEmulator {
  let emulator: AwsEmulator | undefined
  beforeAll(async () => {
    emulator = await startAwsEmulator()
    await emulator.fault({ ...fault, action: '*', times: -1 })
  }, EMULATOR_START_TIMEOUT)
  afterAll(() => emulator?.stop())
  return () => emulator as AwsEmulator
}

describe('with connections that are dropped', () => {
  const emulator = withFault({ drop: true })

  test.concurrent.for(COMMANDS)('$id keeps secrets to itself', async (command) => {
    const ways = 'password' in command.flags ? [IN_FILE, FROM_STDIN] : [IN_FILE]
    for (const [index, way] of ways.entries())
      for (const { words, env } of settingsOf(index)) {
        const all = [...wordsFor(command), ...words, ...('timeout' in command.flags ? ['--timeout=1s'] : [])]
        const done = await run(emulator(), all, way, env)
        await expectNoSecrets(emulator(), done, `${command.id} ${words.join(' ')}`)
        expect(done.code, shown(done)).toBe(3)
      }
  })
})

describe('with an AWS that allows nothing', () => {
  const emulator = withFault({
    error: 'AccessDenied',
    status: 403,
    message: `{MasterUserPassword} ${URL_PASSWORD} ${ACCESS_KEY.secret} ${ACCESS_KEY.token}`,
  })

  test.concurrent.for(COMMANDS)('$id keeps secrets to itself', async (command) => {
    for (const { words, env } of SETTINGS) {
      const done = await run(emulator(), [...wordsFor(command), ...words], IN_FILE, env)
      await expectNoSecrets(emulator(), done, `${command.id} ${words.join(' ')}`)
      expect(done.code, shown(done)).toBe(1)
    }
  })

  /** So long that wherever a message cuts it off, a part of it would be seen. */
  const LONG = Array.from({ length: 12 }, () => `@${CORE.url}`).join('')
  const URL = urlWith(encodeURIComponent(LONG))

  test.concurrent.for(COMMANDS)('$id does not repeat a URL in the wrong place', async (command) => {
    const options = Object.entries(command.flags).filter(([, { type }]) => type === 'option')
    const places = [
      [...command.words, URL],
      [...command.words, SNAPSHOT, URL],
      [...wordsFor(command), '--nothing-like-it', URL],
      ...options.map(([flag]) => wordsFor(command).concat(`--${flag}=${URL}`)),
      [...wordsFor(command), '--region', URL],
    ]
    for (const [index, words] of places.entries()) {
      const { words: more, env } = SETTINGS[index % 2] ?? SETTINGS[0]
      const done = await run(emulator(), [...words, ...more], {}, env)
      await expectNoSecrets(emulator(), done, words.join(' '))
      expect([1, 2], `${words.join(' ')}: ${shown(done)}`).toContain(done.code)
    }
  })

  test.concurrent.for(COMMANDS)('$id that refuses its input keeps secrets to itself', async (command) => {
    const ways: Way[] = [
      // A raw @ and / make the host ambiguous.
      { file: `PROD_CONNECTION_URL=${urlWith(URL_PASSWORD.replaceAll(/\s/g, ''))}\n` },
      { file: `PROD_CONNECTION_URL=${urlWith(LONG)}\n` },
      { ...IN_FILE, words: ['--region', 'nowhere'] },
      { ...IN_FILE, words: ['--nothing-like-it'] },
      ...('password' in command.flags
        ? [
            { ...FROM_STDIN, input: `${STDIN_PASSWORD} @/"` },
            { ...FROM_STDIN, input: CORE.stdin.repeat(30) },
          ]
        : []),
    ]
    for (const [index, way] of ways.entries())
      for (const { words, env } of settingsOf(index)) {
        const done = await run(emulator(), [...wordsFor(command), ...words], way, env)
        await expectNoSecrets(emulator(), done, `${command.id} ${words.join(' ')}`)
        expect([1, 2], shown(done)).toContain(done.code)
      }
  })
})
