import { expect, test } from 'vitest'
import { lookingContext } from '../../../src/lib/prompt/looking-context.ts'
import { openQuote } from '../../../src/lib/prompt/open-quote.ts'

const context = lookingContext({ standardStrings: true, characterLength: undefined })

test.each([
  ['select 1\n', undefined],
  ['select (1,\n', undefined],
  ["select 'a\n", "'"],
  ["select E'a\\'\n", "'"],
  ['select "a\n', '"'],
  ['select /* a\n', '*'],
  ['select /* a /* b */\n', '*'],
  ['select -- it’s "fine" /*\n', undefined],
  ['select $$ it\'s "a\n', '$'],
  ["create function f() as $body$ select '\n", '$'],
  ["select '/*' || \"--\" || 'x\n", "'"],
  ["select 1; select 'a\n", "'"],
  ['select 1 \\gset x\'\n + "\n', '"'],
])('behind %j the prompt shows %j', async (text, quote) => {
  expect(await openQuote(Buffer.from(text), context)).toBe(quote)
})

test('strings are read by the setting of the session', async () => {
  const old = lookingContext({ standardStrings: false, characterLength: undefined })
  const text = Buffer.from("select 'a\\'\n")
  expect(await openQuote(text, context)).toBe(undefined)
  expect(await openQuote(text, old)).toBe("'")
})
