import { expect, test } from 'vitest'
import { errorText, noticeText, pointer } from '../../../src/lib/prompt/message-text.ts'
import { makeStyle } from '../../../src/lib/prompt/style.ts'

const plain = makeStyle(false)

test('an error has its SQLSTATE, the line with a caret, detail, context and hint', () => {
  const message = {
    severity: 'ERROR',
    sqlstate: '42703',
    message: 'column "nix" does not exist',
    detail: 'more',
    hint: 'less',
    where: 'somewhere',
    position: 8,
  }
  expect(errorText(message, 'select nix', plain).split('\n')).toEqual([
    'ERROR:  column "nix" does not exist (SQLSTATE 42703)',
    'LINE 1: select nix',
    '               ^',
    'DETAIL:  more',
    'CONTEXT:  somewhere',
    'HINT:  less',
    '',
  ])
})

test('an error in a query of the server’s own shows that query', () => {
  const message = {
    severity: 'ERROR',
    sqlstate: '42P01',
    message: 'relation "t" does not exist',
    internalQuery: 'select * from t',
    internalPosition: 15,
  }
  expect(errorText(message, 'select f()', plain)).toContain(
    'QUERY:  select * from t\nLINE 1: select * from t\n                      ^\n',
  )
})

test('the caret finds its line, and counts characters as the server does', () => {
  expect(pointer("select '日本👍',\n\tnix,\n 2", 16)).toEqual(['LINE 2:  nix,', '         ^'])
})

test('the caret stands below wide characters’ end', () => {
  expect(pointer("select '日本', nix", 14)).toEqual([
    "LINE 1: select '日本', nix",
    '                       ^',
  ])
})

test('lines are counted from where the statement begins', () => {
  expect(pointer('select\nnix', 8, 10)[0]).toBe('LINE 11: nix')
})

test('an error at the very beginning and one behind the end have a caret too', () => {
  expect(pointer('selec 1', 1)).toEqual(['LINE 1: selec 1', '        ^'])
  expect(pointer('select 1 +', 11)).toEqual(['LINE 1: select 1 +', '                  ^'])
  expect(pointer('x\nselec 1', 1)).toEqual(['LINE 1: x', '        ^'])
})

test('of a long line the part around the place is shown', () => {
  const [line = '', caret = ''] = pointer(`${'a'.repeat(500)}X${'b'.repeat(500)}`, 501)
  expect(line.length).toBeLessThan(140)
  expect(line[caret.indexOf('^')]).toBe('X')
})

test('what a message says about data does not steer the terminal', () => {
  const message = { severity: 'ERROR', sqlstate: '22P02', message: 'bad: "\u001b]0;x\u0007"' }
  expect(errorText(message, undefined, plain)).toContain('bad: "\\x1B]0;x\\x07"')
})

test('a notice shows detail and hint', () => {
  const message = { severity: 'WARNING', sqlstate: '01000', message: 'a\nb', detail: 'd', hint: 'h' }
  expect(noticeText(message)).toBe('WARNING:  a\nb\nDETAIL:  d\nHINT:  h\n')
})

test('colour marks the word that begins an error, if colour is wanted', () => {
  const message = { severity: 'ERROR', sqlstate: 'XX000', message: 'x' }
  expect(errorText(message, undefined, makeStyle(true))).toContain('\u001b[31mERROR:\u001b[39m  x')
})
