import { expect, test } from 'vitest'
import { AlignedTable, ExpandedTable, type TableLayout } from '../../../src/lib/prompt/table.ts'

type Rows = (string | null)[][]

interface Given {
  names: string[]
  rows: Rows
  right?: number[]
  title?: string
  markNull?: (text: string) => string
}

function headOf({ names, right = [], title, markNull = (text) => text }: Given) {
  const columns = names.map((name, index) => ({ name, right: right.includes(index) }))
  return { columns, title, nullText: 'NULL', markNull }
}

function drawn(layout: TableLayout, rows: Rows): string[] {
  for (const row of rows) layout.measure(row)
  return `${layout.head()}${rows.map((row) => layout.row(row)).join('')}`.split('\n').slice(0, -1)
}

const aligned = (given: Given) => drawn(new AlignedTable(headOf(given)), given.rows)
const expanded = (given: Given) => drawn(new ExpandedTable(headOf(given)), given.rows)

test('names stand in the middle, texts on the left, numbers on the right, no blanks at the end of a row', () => {
  const rows = [
    ['1', 'Ada'],
    ['12', 'Grace Hopper'],
  ]
  expect(aligned({ names: ['id', 'name'], right: [0], rows })).toEqual([
    ' id |     name     ',
    '----+--------------',
    '  1 | Ada',
    ' 12 | Grace Hopper',
  ])
})

test('a number in the last column stands on the right too', () => {
  expect(aligned({ names: ['name', 'count'], right: [1], rows: [['a', '7']] })).toEqual([
    ' name | count ',
    '------+-------',
    ' a    |     7',
  ])
})

test('a table without rows has its names', () => {
  expect(aligned({ names: ['id', 'name'], rows: [] })).toEqual([' id | name ', '----+------'])
})

test('a value of several lines goes on behind a plus', () => {
  expect(aligned({ names: ['a', 'b'], rows: [['x\nyy', 'one\ntwo\n']] })).toEqual([
    ' a  |  b  ',
    '----+-----',
    ' x +| one+',
    ' yy | two+',
    '    | ',
  ])
})

test('so does a name of several lines', () => {
  expect(aligned({ names: ['one\nmore', 'b'], rows: [['x', 'y']] })).toEqual([
    ' one +| b ',
    ' more |   ',
    '------+---',
    ' x    | y',
  ])
})

test('Chinese, emoji, flags and accents take the columns that they have on a screen', () => {
  const rows = [
    ['日本', '|'],
    ['👍', '|'],
    ['👨‍👩‍👧', '|'],
    ['🇨🇭', '|'],
    ['e\u0301', '|'],
    ['ｗ', '|'],
    ['abcd', '|'],
  ]
  expect(aligned({ names: ['t', 'u'], rows })).toEqual([
    '  t   | u ',
    '------+---',
    ' 日本 | |',
    ' 👍   | |',
    ' 👨‍👩‍👧   | |',
    ' 🇨🇭   | |',
    ' e\u0301    | |',
    ' ｗ   | |',
    ' abcd | |',
  ])
})

test('control characters are shown, not sent: nobody’s data moves the cursor', () => {
  const value = '\u001b[2J\u0007 \r \u009b31m \u202edrow\u0000'
  expect(aligned({ names: ['a\u001b'], rows: [[value]] })).toEqual([
    '                  a\\x1B                  ',
    '-----------------------------------------',
    ' \\x1B[2J\\x07 \\r \\u009B31m \\u202Edrow\\x00',
  ])
})

test('tabs become blanks up to the next stop of eight', () => {
  expect(aligned({ names: ['a'], rows: [['x\ty'], ['日本\tz']] })).toEqual([
    '     a     ',
    '-----------',
    ' x       y',
    ' 日本    z',
  ])
})

const markNull = (text: string) => `<<${text}>>`

test('NULL is marked and the mark takes no columns', () => {
  expect(aligned({ names: ['a', 'b'], rows: [[null, 'NULL']], markNull })).toEqual([
    '  a   |  b   ',
    '------+------',
    ' <<NULL>> | NULL',
  ])
})

test('a title stands above the middle', () => {
  expect(aligned({ names: ['column'], rows: [['x']], title: 'T' })).toEqual([
    '   T',
    ' column ',
    '--------',
    ' x',
  ])
})

test('a table knows how wide it is', () => {
  const table = new AlignedTable(headOf({ names: ['id', 'name'], rows: [] }))
  table.measure(['1', 'Ada Lovelace'])
  expect(table.width).toBe(' id |     name     '.length)
})

test('expanded, each column has a line and each row a heading', () => {
  const rows = [
    ['1', 'Ada'],
    ['2', null],
  ]
  expect(expanded({ names: ['id', 'full name'], rows })).toEqual([
    '-[ RECORD 1 ]---',
    'id        | 1',
    'full name | Ada',
    '-[ RECORD 2 ]---',
    'id        | 2',
    'full name | NULL',
  ])
})

test('the heading’s cross stands above the bars when it is not covered', () => {
  expect(expanded({ names: ['a', 'sixteen letters!'], rows: [['1', 'x'.repeat(20)]] })).toEqual([
    '-[ RECORD 1 ]----+---------------------',
    'a                | 1',
    'sixteen letters! | xxxxxxxxxxxxxxxxxxxx',
  ])
})

test('expanded, lines of names and of values go on behind a plus', () => {
  expect(expanded({ names: ['two\nlines', 'b'], rows: [['x\nyy\nz', '1']] })).toEqual([
    '-[ RECORD 1 ]',
    'two  +| x +',
    'lines | yy+',
    '      | z',
    'b     | 1',
  ])
})
