import { expect, test } from 'vitest'
import { isUsualSetting } from '../../../src/lib/script/usual-setting.ts'
import { withDatabase } from '../../support/database.ts'
import { loadText } from '../../support/load.ts'
import { withProxy } from '../../support/proxy.ts'

const USUAL = new Map([
  ['standard_conforming_strings', 'on'],
  ['client_encoding', 'UTF8'],
])

test.each([
  ['SET standard_conforming_strings = on', true],
  ["set session standard_conforming_strings to 'on'", true],
  ["SET client_encoding = 'UTF8'", true],
  ['SET LOCAL client_encoding TO utf8', true],
  ["SET NAMES 'UTF-8'", true],
  ['SET standard_conforming_strings = off', false],
  ["SET client_encoding = 'SJIS'", false],
  ["SET client_encoding = 'UTF8', x", false],
  ['RESET standard_conforming_strings', false],
  ["SELECT set_config('client_encoding', 'UTF8', false)", false],
  ['SET standard_conforming_strings = on; SET standard_conforming_strings = off', false],
])('%s changes nothing: %s', (text, expected) => {
  expect(isUsualSetting(Buffer.from(text), USUAL)).toBe(expected)
})

test('what is not in force is a change', () => {
  const other = new Map([
    ['standard_conforming_strings', 'off'],
    ['client_encoding', 'LATIN1'],
  ])
  expect(isUsualSetting(Buffer.from('SET standard_conforming_strings = on'), other)).toBe(false)
  expect(isUsualSetting(Buffer.from("SET client_encoding = 'UTF8'"), other)).toBe(false)
})

test('the head of a dump costs no round trip', () =>
  withDatabase(async (url) => {
    const trips = async (script: string) =>
      withProxy(url, { lockStep: 100 }, async (proxyUrl, proxy) => {
        await loadText(proxyUrl, script)
        return proxy.roundTrips
      })
    const head = "SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\n"
    expect(await trips(`${head}CREATE TABLE one (a int);`)).toBe(await trips('CREATE TABLE two (a int);'))
  }))

test('a setting that does change how a script is read is still waited for', () =>
  withDatabase(async (url) => {
    const script = String.raw`SET standard_conforming_strings = off;
CREATE TABLE t AS SELECT 'a\';b' AS a;
SET standard_conforming_strings = on;
INSERT INTO t VALUES ('c\');`
    await loadText(url, script)
  }))
