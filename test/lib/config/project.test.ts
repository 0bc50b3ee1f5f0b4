import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { findProjectRoot, isOwnProject, projectDatabaseName } from '../../../src/lib/config/project.ts'
import { withProject } from '../../support/cli.ts'

test.each(['', 'db', 'src', 'src/deep/down'])('the project is found from its folder "%s"', async (below) => {
  const files = { 'db/schema.sql': '', 'src/deep/down/x.ts': '' }
  await withProject(files, async ({ path }) => expect(findProjectRoot(join(path, below))).toBe(path))
})

test.each(['db/schema.sql', 'db/seed.sql', '.cruddur/server.json', '.env', 'package.json', '.git/HEAD'])(
  '%s says where the project is',
  async (sign) => {
    await withProject({ [sign]: '', 'a/b/c.txt': '' }, async ({ path }) =>
      expect(findProjectRoot(join(path, 'a/b'))).toBe(path),
    )
  },
)

test('a database further up counts more than a package on the way', async () => {
  const files = { 'db/schema.sql': '', 'packages/web/package.json': '{}', 'packages/web/.env': '' }
  await withProject(files, async ({ path }) => expect(findProjectRoot(join(path, 'packages/web'))).toBe(path))
})

test('the nearest of two projects counts', async () => {
  const files = { 'db/schema.sql': '', 'inner/db/schema.sql': '' }
  await withProject(files, async ({ path }) =>
    expect(findProjectRoot(join(path, 'inner/db'))).toBe(join(path, 'inner')),
  )
})

test('the name of the package is the name of its database', async () => {
  await withProject({ 'package.json': '{"name":"@my-team/The.App-2"}' }, async ({ path }) =>
    expect(projectDatabaseName(path)).toBe('the_app_2'),
  )
})

test.each(['{"name":""}', '{"name":7}', '{}', 'no JSON', '[]', 'null'])(
  'with a package.json of %s it is the name of the folder',
  async (text) => {
    await withProject({ 'package.json': text }, async ({ path }) =>
      expect(projectDatabaseName(path)).toBe(
        basename(path)
          .toLowerCase()
          .replaceAll(/[^a-z0-9]/g, '_')
          .replace(/_+$/, '')
          .replaceAll(/_+/g, '_'),
      ),
    )
  },
)

test.each([
  ['/home/me/Cruddur', 'cruddur'],
  ['/home/me/my app (copy)', 'my_app_copy'],
  ['/home/me/2048', 'db_2048'],
  ['/home/me/__x__', 'x'],
  ['/home/me/Über', 'ber'],
  ['/home/me/日本', 'db'],
  ['/', 'db'],
  [`/home/me/${'x'.repeat(80)}`, 'x'.repeat(63)],
  [`/home/me/${'x'.repeat(62)}-y`, 'x'.repeat(62)],
])('the folder %s has the database %s', (folder, name) => {
  expect(projectDatabaseName(folder)).toBe(name)
})

test.each([
  ['db/schema.sql', true],
  ['db/seed.sql', true],
  ['.cruddur/.gitignore', true],
  ['package.json', false],
  ['.env', false],
])('whether %s makes a project of our own', async (sign, own) => {
  await withProject({ [sign]: '' }, async ({ path }) => expect(isOwnProject(path)).toBe(own))
})
