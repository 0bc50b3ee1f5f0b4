import { describe, expect, inject, test } from 'vitest'
import { UsageError } from '../../../../src/lib/errors.ts'
import { checkCreateInput, type CreateWish } from '../../../../src/lib/rds/create/create-input.ts'
import { RESERVED_WORDS } from '../../../../src/lib/rds/create/reserved-words.ts'
import { runSql } from '../../../support/database.ts'

// What AWS would refuse is known without asking it.

interface Around {
  project?: string
  now?: string
  given?: string
}

const check = (wish: CreateWish, { project = 'my_app', now = '2026-11-21T12:00Z', given }: Around = {}) =>
  checkCreateInput(wish, { project, region: 'eu-central-1', now: new Date(now), givenPassword: given })

/** The mistakes that are found. */
function problemsOf(wish: CreateWish, around?: Around): { input: string; value?: string; problem: string }[] {
  try {
    check(wish, around)
    return []
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    expect(error.code).toBe('CREATE_INVALID')
    return error.details['problems'] as { input: string; problem: string }[]
  }
}

const long = (length: number) => 'a'.repeat(length)

test.each<[input: keyof CreateWish, good: string[], bad: [value: string, problem: string][]]>([
  [
    'identifier',
    ['a', 'my-db', 'My-DB-2', long(63)],
    [
      ['2db', 'letter first'],
      ['my_db', 'hyphens'],
      ['my--db', 'single hyphens'],
      ['my-db-', 'no hyphen last'],
      ['', 'letter first'],
      ['my db', 'hyphens'],
      ['dü', 'letters'],
      [long(64), '63 is the most'],
    ],
  ],
  [
    'class',
    [
      'db.t4g.micro',
      'db.m6g.2xlarge',
      'db.x2iedn.32xlarge',
      'db.r7i.large',
      'db.m5d.24xlarge',
      'db.x2g.xlarge',
      'db.m7g-flex.large',
    ],
    [
      ['t4g.micro', 'db.t4g.micro'],
      ['db.t4g', 'db.t4g.micro'],
      ['db.t4g.tiny', 'such as'],
      ['db.serverless', 'Aurora'],
    ],
  ],
  [
    'storage',
    ['20', '65536'],
    [
      ['19', '20 to 65536'],
      ['65537', '20 to 65536'],
      ['20GB', 'whole number'],
      ['20.5', 'whole number'],
      ['-20', 'whole number'],
      ['', 'whole number'],
    ],
  ],
  [
    'storage-type',
    ['gp2', 'gp3', 'io1', 'io2', 'standard'],
    [
      ['ssd', 'gp3, gp2'],
      ['GP3', 'none of'],
      ['toString', 'none of'],
    ],
  ],
  [
    'engine-version',
    ['14', '15', '16', '17', '18', '19'],
    [
      ['17.4', 'name the major, 17'],
      ['13', 'it ended on 2026-02-28'],
      ['9', 'no longer'],
      ['9.6', 'is a minor'],
      ['latest', 'not a major'],
      ['', 'not a major'],
    ],
  ],
  [
    'port',
    ['1150', '5432', '65535'],
    [
      ['1149', '1150'],
      ['65536', '65535'],
      ['5432a', 'whole number'],
    ],
  ],
  [
    'database',
    ['a', 'My_db1', 'postgres', long(63)],
    [
      ['1a', 'letter first'],
      ['_a', 'letter first'],
      ['a-b', 'underscores'],
      ['', 'letter first'],
      ['user', 'keeps'],
      ['Template0', 'keeps'],
      [long(64), '63'],
    ],
  ],
  [
    'user',
    ['a', 'postgres', 'app_1', long(16)],
    [
      ['admin', 'keeps'],
      ['RDSADMIN', 'keeps'],
      ['pg_me', 'keeps'],
      ['select', 'keeps'],
      ['1a', 'letter first'],
      ['a.b', 'underscores'],
      [long(17), '16'],
    ],
  ],
  [
    'zone',
    ['eu-central-1a', 'eu-central-1-ham-1a'],
    [
      ['eu-central-1', 'not a zone'],
      ['us-east-1a', 'not a zone of eu-central-1'],
      ['a', 'not a zone'],
    ],
  ],
  [
    'backup-days',
    ['0', '35'],
    [
      ['36', '0 to 35'],
      ['-1', 'whole number'],
    ],
  ],
  [
    'subnet-group',
    ['default', 'My subnets.2'],
    [
      ['a/b', 'letters'],
      ['', 'letters'],
      [long(256), '255'],
    ],
  ],
  ['auth', ['password', 'iam'], [['kerberos', 'password, iam']]],
  [
    'password',
    ['generated', 'managed'],
    [
      ['hunter2', 'never stands on the command line'],
      ['toString', 'takes generated'],
      ['', 'takes generated'],
    ],
  ],
])('%s', (input, good, bad) => {
  for (const value of good) expect(problemsOf({ [input]: value }), value).toEqual([])
  for (const [value, problem] of bad)
    expect(problemsOf({ [input]: value }), value).toEqual([
      {
        input,
        ...(input === 'password' ? {} : { value }),
        problem: expect.stringContaining(problem) as string,
      },
    ])
})

test.each([
  ['gp3', 20, 65_536],
  ['gp2', 20, 65_536],
  ['io1', 100, 65_536],
  ['io2', 100, 65_536],
  ['standard', 5, 3072],
])('storage of type %s has %i to %i GiB', (type, least, most) => {
  const of = (storage: number) => problemsOf({ 'storage-type': type, storage: String(storage) }).length
  expect([of(least - 1), of(least), of(most), of(most + 1)]).toEqual([1, 0, 0, 1])
  // The default is no mistake either, whatever the type.
  expect(problemsOf({ 'storage-type': type })).toEqual([])
})

test.each([
  ['100', 1000],
  ['2000', 1000],
  ['4001', 2001],
])('io1 with %s GiB gets %i IOPS', (storage, iops) => {
  expect(check({ 'storage-type': 'io1', storage }).database).toMatchObject({ storage: { iops } })
})

test.each(['sg-0123456789abcdef0', 'sg-01234567'])('%s is a security group', (group) => {
  expect(check({ group: [group] }).database.securityGroups).toEqual([group])
})

test('what does not go together', () => {
  expect(problemsOf({ 'multi-az': true, zone: 'eu-central-1a' })).toEqual([
    { input: 'zone', value: 'eu-central-1a', problem: expect.stringContaining('--multi-az') as string },
  ])
  expect(problemsOf({ auth: 'iam', password: 'managed' })).toMatchObject([{ input: 'password' }])
})

test.each([
  ['', 'was not given'],
  ['short', 'fewer than 8'],
  [long(129), 'more than 128'],
  ['with a blank', 'a space'],
  ['with/slash', 'one of /'],
  ['with@sign1', 'one of /'],
  [`with"quote`, 'one of /'],
  [`with'quote`, 'one of /'],
  ['späte-nacht', 'printable ASCII'],
])('the password %j is not taken, nor repeated', (given, problem) => {
  const [found, ...others] = problemsOf({ password: 'stdin' }, { given })
  expect(others).toEqual([])
  expect(found).toEqual({ input: 'password', problem: expect.stringContaining(problem) as string })
  if (given !== '') expect(found?.problem).not.toContain(given)
})

test('all mistakes are told at once, line by line', () => {
  const wish = {
    identifier: 'my_db',
    class: 'micro',
    storage: '3',
    'engine-version': '17.4',
    port: '80',
    database: 'user',
    user: 'admin',
    'multi-az': true,
    zone: 'eu-central-1a',
    'backup-days': '99',
    group: ['mine', 'sg-01234567', 'yours'],
    password: 'hunter2',
  }
  const inputs = problemsOf(wish).map(({ input }) => input)
  const expected = [
    'identifier',
    'class',
    'storage',
    'engine-version',
    'port',
    'database',
    'user',
    'zone',
    'backup-days',
    'group',
    'group',
    'password',
  ]
  expect(inputs.toSorted()).toEqual(expected.toSorted())
  let error: unknown
  try {
    check(wish)
  } catch (thrown) {
    error = thrown
  }
  const { message, context = '' } = error as UsageError
  expect(message).toContain('for 12 reasons')
  expect(context.split('\n')).toHaveLength(12)
  expect(context).toContain('user "admin" is a word that PostgreSQL or RDS keeps for itself')
  expect(JSON.stringify([message, context, (error as UsageError).details])).not.toContain('hunter2')
})

describe('defaults come from the project', () => {
  test.each([
    ['my_app', 'my-app-db', 'my_app', 'my_approot'],
    ['cruddur', 'cruddur-db', 'cruddur', 'cruddurroot'],
    ['user', 'user-db', 'user_db', 'userroot'],
    ['pg_tool', 'pg-tool-db', 'pg_tool', 'dbroot'],
    [
      'a_very_long_name_of_a_project',
      'a-very-long-name-of-a-project-db',
      'a_very_long_name_of_a_project',
      'a_very_long_root',
    ],
  ])('%s', (project, id, databaseName, masterUser) => {
    expect(check({}, { project }).database).toMatchObject({ id, databaseName, masterUser })
  })

  test.each(['db_2048', long(63), `${long(59)}_bcd`, 'group'])('and are no mistakes: %s', (project) => {
    const { id, databaseName, masterUser } = check({}, { project }).database
    expect(problemsOf({ identifier: id, database: databaseName, user: masterUser })).toEqual([])
  })
})

test('what a person should know', () => {
  const notes = (wish: CreateWish, now?: string) => check(wish, now === undefined ? {} : { now }).notes
  expect(notes({})).toEqual([])
  expect(notes({ identifier: 'My-DB' })).toEqual(['RDS keeps identifiers in lower case: it will be my-db.'])
  expect(check({ identifier: 'My-DB' }).database.id).toBe('my-db')
  expect(notes({ 'engine-version': '14' })).toEqual([
    'The standard support of PostgreSQL 14 ends on 2027-02-28, in 99 days; 18 is the newest.',
  ])
  expect(notes({ 'engine-version': '19' })).toEqual([
    expect.stringContaining('newer than what is known here'),
  ])
  expect(notes({ 'backup-days': '0' })).toEqual([expect.stringContaining('Without backups')])
  expect(notes({ password: 'managed' })).toEqual([expect.stringContaining('every 7 days')])
  // By then it is the last year of 17.
  expect(notes({}, '2029-06-01')).toEqual([expect.stringContaining('PostgreSQL 17 ends on 2030-02-28')])
})

test('the reserved words are those of the server', async () => {
  const rows = await runSql(inject('serverUrl'), "select word from pg_get_keywords() where catcode = 'R'")
  const words = rows.map(({ word }) => word ?? '')
  expect(words.length).toBeGreaterThan(70)
  for (const word of words) {
    expect(RESERVED_WORDS.user.has(word), word).toBe(true)
    expect(RESERVED_WORDS.database.has(word), word).toBe(true)
  }
})
