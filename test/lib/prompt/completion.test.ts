import { expect, test } from 'vitest'
import { complete } from '../../../src/lib/prompt/completion.ts'

const names = {
  relations: ['users', 'user_roles', 'app.orders', '"Mixed"', 'pg_class'],
  databases: ['app', 'archive'],
}

test.each([
  ['sel', ['select '], 'sel'],
  ['SEL', ['SELECT '], 'SEL'],
  ['select * from us', ['user_roles', 'users'], 'us'],
  ['select * from ', ['"Mixed"', 'app.orders', 'user_roles', 'users'], ''],
  ['insert into app.', ['app.orders '], 'app.'],
  ['select * from "M', ['"Mixed" '], '"M'],
  ['select * from pg_', ['pg_class '], 'pg_'],
  ['select ', [], ''],
  ['\\connin', ['\\conninfo '], '\\connin'],
  ['  \\tim', ['\\timing '], '\\tim'],
  ['\\d us', ['user_roles', 'users'], 'us'],
  ['\\dt app', ['app.orders '], 'app'],
  ['\\c a', ['app', 'archive'], 'a'],
])('behind %j Tab offers %j', (line, candidates, word) => {
  expect(complete(line, names)).toEqual([candidates, word])
})
