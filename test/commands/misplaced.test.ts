import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cruddur, withProject } from '../support/cli.ts'

test.each([
  ['db', 'connect'],
  ['db', 'seed', '--file', 'some.sql'],
  ['db', 'server', 'start'],
  ['db', 'status'],
])('outside of any project nothing is started: %s %s', async (...args) => {
  await withProject({ 'some.sql': 'select 1;' }, async ({ path }) => {
    const { code, stderr } = await cruddur(args, { directory: path })
    expect(stderr).toContain(`${path} belongs to no project`)
    expect(code).toBe(2)
    expect(existsSync(join(path, '.cruddur'))).toBe(false)
  })
})

test.each(['schema-load', 'seed'])(
  'a mistyped file is noticed before a server is started: %s',
  async (verb) => {
    await withProject({ 'db/schema.sql': '' }, async ({ path }) => {
      const { code, stderr } = await cruddur(['db', verb, '--file', 'typo.sql'], { directory: path })
      expect(stderr).toContain('The script "typo.sql" does not exist.')
      expect(code).toBe(2)
      expect(existsSync(join(path, '.cruddur'))).toBe(false)
    })
  },
)

test.each([
  ['db sed', 'Did you mean cruddur db seed?'],
  ['db session', 'Did you mean cruddur db sessions?'],
  ['db server strat', 'Did you mean cruddur db server start?'],
  ['dv setup', 'Did you mean cruddur db setup?'],
  ['db frob', 'cruddur --help lists the commands.'],
])('a mistyped command is not run: %s', async (typed, proposal) => {
  const { code, stderr } = await cruddur(typed.split(' '))
  expect(stderr).toContain(proposal)
  expect(code).toBe(2)
})
