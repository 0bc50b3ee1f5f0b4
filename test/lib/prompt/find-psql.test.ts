import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, relative } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findPsql } from '../../../src/lib/prompt/find-psql.ts'

async function folders(...names: string[]): Promise<string[]> {
  const root = await mkdtemp(join(tmpdir(), 'cruddur-path-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const paths = names.map((name) => join(root, name))
  for (const path of paths) await mkdir(path)
  return paths
}

async function addProgram(folder: string, mode = 0o755): Promise<string> {
  const path = join(folder, 'psql')
  await writeFile(path, '#!/bin/sh\n')
  await chmod(path, mode)
  return path
}

test('the first psql of the PATH is found', async () => {
  const paths = await folders('none', 'first', 'second')
  const first = await addProgram(paths[1] ?? '')
  await addProgram(paths[2] ?? '')
  expect(findPsql(paths.join(delimiter))).toBe(first)
})

test('what is no program is passed over: a folder, a file that may not be executed', async () => {
  const [folder = '', plain = '', good = ''] = await folders('folder', 'plain', 'good')
  await mkdir(join(folder, 'psql'))
  await addProgram(plain, 0o644)
  const program = await addProgram(good)
  expect(findPsql([folder, plain, good].join(delimiter))).toBe(program)
})

test('a psql in the present folder is not run by chance', async () => {
  const [folder = ''] = await folders('here')
  await addProgram(folder)
  expect(findPsql(['', '.', relative(process.cwd(), folder)].join(delimiter))).toBe(undefined)
})

test('without a PATH there is none', () => {
  expect(findPsql(undefined)).toBe(undefined)
})
