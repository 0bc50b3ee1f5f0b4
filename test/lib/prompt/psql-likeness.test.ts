import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { findPsql } from '../../../src/lib/prompt/find-psql.ts'
import { createDatabase, type TestDatabase } from '../../support/database.ts'
import { runPrompt } from '../../support/prompt.ts'
import { runPsql } from '../../support/psql.ts'

// What people know from psql should look the same here. The cases keep to what all versions of psql show alike.
const withoutPsql = findPsql(process.env['PATH']) === undefined && !process.env['CI']

const SCHEMA = `
set client_min_messages = warning;
create schema app;
create type app.mood as enum ('good', 'bad');
create table app.users (
  id bigint generated always as identity primary key,
  email text not null unique,
  name varchar(40) default 'x''y',
  age int check (age > 0),
  mood app.mood,
  tags text[] default '{}',
  created timestamptz default now(),
  code text collate "C"
);
create index on app.users (lower(email)) where age > 18;
create table app.orders (
  id serial primary key,
  user_id bigint not null references app.users on delete cascade deferrable initially deferred,
  a int, b int, unique (a, b), exclude using btree (a with =)
);
create table app.parent (id int, d date) partition by range (d);
create table app.child partition of app.parent for values from ('2020-01-01') to ('2021-01-01');
create table app.parent_of_heir (x int);
create table app.heir () inherits (app.parent_of_heir);
create function app.f() returns trigger language plpgsql as 'begin return new; end';
create trigger t1 before insert on app.users for each row execute procedure app.f();
create trigger t2 after update on app.users for each row execute procedure app.f();
alter table app.users disable trigger t2;
create unlogged table app.scratch (x int);
create table app."Odd name" ("a ""b""" int);
create index odd on app."Odd name" ("a ""b""");
create type app.pair as (x int, y text);
`

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase(inject('serverUrl'))
  const { error } = await runPrompt(database.url, SCHEMA)
  if (error) throw error
})

afterAll(() => database.drop())

/** What psql writes; `-q` for scripts whose commands announce what they change, which we do on another stream. */
async function psqlOutput(script: string, ...args: string[]): Promise<string> {
  const { stdout } = await runPsql(['-P', 'null=<NULL>', ...args, '-f', '-'], {
    url: database.url,
    input: script,
  })
  return stdout
}

test.skipIf(withoutPsql).each([
  ['numbers and texts', "select 1 as id, 'Ada' as name, 2.50::numeric as price, null as nothing;"],
  ['several lines', `select E'a\\nbc\\nd' as "multi\nline", 1 as n, E'x\\ny' as last;`],
  ['no rows', 'select 1 as a, 2 as b where false;'],
  ['wide characters', "select '日本語' as 控制, 'e\u0301' as e, 5 as n;"],
  ['control characters', `select E'tab\\there\\rx\\x1b[31m' as "a\tb";`],
  ['numbers of all types', "select 1::int2, 2::int8, 3::real, 4::float8, 5::money, 6::oid, '7'::xid;"],
  ['expanded', "\\x on\nselect 1 as id, E'a\\nb' as name, null as x from generate_series(1, 2);\n"],
  ['expanded, long names', "\\x on\nselect 1 as abcdefghijklmnop, repeat('x', 20) as y;\n"],
  ['expanded, no rows', '\\x on\nselect 1 where false;\n'],
  ['expanded for once', 'select 1 as a \\gx\nselect 2 as b;\n'],
  ['COPY TO STDOUT', "copy (select 1, E'a\\tb') to stdout;"],
  ['joined statements', 'select 1 as a \\; select 2 as b;'],
  ['variables', "\\set n 5\n\\set t 'it''s'\nselect :n as n, :'t' as t;\n\\echo :n :t\n"],
  ['\\gset', 'select 7 as seven \\gset my_\n\\echo :my_seven\n'],
  ['\\if', '\\if false\nselect 1;\n\\d\n\\else\nselect 2 as two;\n\\endif\n'],
  ['a table', '\\d app.users\n'],
  ['a table that refers to another', '\\d app.orders\n'],
  ['a partition', '\\d app.child\n'],
  ['an heir', '\\d app.heir\n'],
  ['an unlogged table', '\\d app.scratch\n'],
  ['odd names', '\\d app."Odd name"\n'],
  ['an index', '\\d app.users_pkey\n'],
  ['a partial index', '\\d app.users_lower_idx\n'],
  ['a sequence', '\\d app.orders_id_seq\n'],
  ['a sequence of an identity column', '\\d app.users_id_seq\n'],
  ['a composite type', '\\d app.pair\n'],
  ['several by a pattern', '\\d app.?????\n'],
  ['a list of tables', '\\dt app.*\n'],
  ['a list of tables and indexes', '\\dti app.*s*\n'],
  ['lists by the search path', "select set_config('search_path', 'app', false);\n\\d\n\\dt\n\\ds\n\\dt u*\n"],
  ['schemas', '\\dn\n\\dn a*\n'],
  ['functions', '\\df app.*\n'],
])('%s look as in psql', async (_, script) => {
  const { output } = await runPrompt(database.url, script)
  expect(output).toBe(await psqlOutput(script, '-q'))
})

test.skipIf(withoutPsql).each([
  [
    'tags',
    'begin; create table app.t (a int); insert into app.t values (1), (2); update app.t set a = 3; rollback;',
  ],
  [
    'RETURNING',
    'begin; insert into app.scratch values (1), (2) returning *; delete from app.scratch returning x; rollback;',
  ],
  ['COPY', 'begin;\ncopy app.scratch from stdin;\n1\n2\n\\.\ncopy app.scratch to stdout;\nrollback;\n'],
  ['what returns no rows', 'do $$ begin end $$; select 1 as a; set work_mem = 64; show work_mem;'],
])('the outcome of %s looks as in psql', async (_, script) => {
  const { output } = await runPrompt(database.url, script)
  expect(output).toBe(await psqlOutput(script))
})
