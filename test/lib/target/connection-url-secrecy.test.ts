import { expect, test } from 'vitest'
import { CruddurError } from '../../../src/lib/errors.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { chooseDestination } from '../../../src/lib/target/destination.ts'

/** No four of these in a row stand in any message: letters that make no words, and what URLs use for something. */
// eslint-disable-next-line typescript/no-misused-spread -- characters, not what the reader of emoji sees
const ALPHABET = [...'QXZJ0189/#?@%:&=+[],;!$\'"()*.-_~\\^`{|}<>ä€😀']

/** So many random passwords for each way of writing them. */
const ROUNDS = 3000

/** A generator of numbers from 0 to 1 that gives the same ones each time (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function* passwords(next: () => number): Generator<string[]> {
  for (let round = 0; round < ROUNDS; round++)
    yield Array.from(
      { length: 5 + Math.floor(next() * 12) },
      () => ALPHABET[Math.floor(next() * ALPHABET.length)] ?? '',
    )
}

/** Everything that an error could show to anybody. */
function textOf(error: CruddurError): string {
  const { message, hint, context, details, stack, cause } = error
  return JSON.stringify([message, hint, context, details, stack?.split('\n    at ')[0], String(cause)])
}

function expectSecret(error: unknown, password: string): void {
  if (!(error instanceof CruddurError)) throw error
  const shown = textOf(error)
  for (let at = 0; at + 4 <= password.length; at++) expect(shown).not.toContain(password.slice(at, at + 4))
}

/** Parses the URL; returns its password, or nothing when it was refused without showing any of it. */
function parse(url: string, password: string): string | undefined {
  try {
    const target = parseConnectionUrl(url)
    expect([target.host, target.user, target.database]).toEqual(['h.example', 'me', 'db'])
    return target.password
  } catch (error) {
    expectSecret(error, password)
    return undefined
  }
}

test('a raw password is read as it is, or refused without a word of it', () => {
  let understood = 0
  for (const letters of passwords(random(1))) {
    const password = letters.join('')
    const found = parse(`postgres://me:${password}@h.example/db`, password)
    if (found === undefined) continue
    understood += 1
    // %41 is an A to every reader of URLs.
    expect([password, decodeURIComponent(password)]).toContain(found)
  }
  expect(understood).toBeGreaterThan(0)
})

test('a password that is encoded in full is always read', () => {
  for (const letters of passwords(random(2))) {
    const password = letters.join('')
    expect(parse(`postgres://me:${encodeURIComponent(password)}@h.example/db`, password)).toBe(password)
  }
})

test('a password that is encoded in part is read as it is, or refused without a word of it', () => {
  const next = random(3)
  for (const letters of passwords(next)) {
    const password = letters.join('')
    const written = letters
      .map((one) => (one === '%' || next() < 0.7 ? encodeURIComponent(one) : one))
      .join('')
    const found = parse(`postgres://me:${written}@h.example/db`, password)
    if (found !== undefined) expect(found).toBe(password)
  }
})

test('a password in a parameter is always read', () => {
  for (const letters of passwords(random(4))) {
    const password = letters.join('')
    const url = `postgres://me@h.example/db?password=${encodeURIComponent(password)}`
    expect(parse(url, password)).toBe(password)
  }
})

test('an error that names the source of the URL shows no password either', () => {
  for (const letters of passwords(random(5))) {
    const value = `postgres://me:${letters.join('')}@h.example/db`
    try {
      chooseDestination(
        {},
        {
          connectionUrl: { value, source: 'CONNECTION_URL' },
          prodConnectionUrl: undefined,
          systemUser: 'root',
        },
      )
    } catch (error) {
      expectSecret(error, letters.join(''))
    }
  }
})
