import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isOpenToGit } from '../../../src/lib/config/git-ignore.ts'
import { withProject } from '../../support/cli.ts'

test.each([
  ['.env\n', false],
  ['*.log\n', true],
])('in a repository that ignores %j: %s', async (ignored, open) => {
  await withProject({ '.gitignore': ignored }, async ({ path }) => {
    execFileSync('git', ['init', '--quiet', path])
    expect(await isOpenToGit(join(path, '.env'))).toBe(open)
  })
})

test('one that was added before it was ignored is open all the same', async () => {
  await withProject({ '.env': 'A=1\n' }, async (project) => {
    const { path } = project
    execFileSync('git', ['init', '--quiet', path])
    execFileSync('git', ['-C', path, 'add', '.env'])
    project.write('.gitignore', '.env\n')
    expect(await isOpenToGit(join(path, '.env'))).toBe(true)
  })
})

test('where there is no repository, or no such folder, there is nothing to say', async () => {
  await withProject({}, async ({ path }) => {
    expect(await isOpenToGit(join(path, '.env'))).toBe(false)
    expect(await isOpenToGit(join(path, 'none', '.env'))).toBe(false)
  })
})
