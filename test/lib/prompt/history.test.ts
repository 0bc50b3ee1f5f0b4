import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { History, HISTORY_SIZE } from '../../../src/lib/prompt/history.ts'

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-history-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('what was typed is there the next time, an entry for a statement of several lines', async () => {
  const path = join(await scratch(), 'history')
  const history = await History.open(path)
  await history.add('select 1;\n')
  await history.add('select\n  2;\n')
  expect((await History.open(path)).entries).toEqual(['select 1;', 'select\n  2;'])
})

test('the file is its owner’s alone, also one that was not', async () => {
  const path = join(await scratch(), 'new', 'history')
  await (await History.open(path)).add('select 1;')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  await chmod(path, 0o644)
  await History.open(path)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test('a link to another file is not followed', async () => {
  const folder = await scratch()
  const elsewhere = join(folder, 'elsewhere')
  await writeFile(elsewhere, '"kept"\n', { mode: 0o644 })
  await symlink(elsewhere, join(folder, 'history'))
  const history = await History.open(join(folder, 'history'))
  await history.add('select 1;')
  expect(history.failure).toContain('ELOOP')
  expect(await readFile(elsewhere, 'utf8')).toBe('"kept"\n')
  expect((await stat(elsewhere)).mode & 0o777).toBe(0o644)
})

test('the same again is one entry, blank lines are none', async () => {
  const history = await History.open(undefined)
  for (const entry of ['a', 'a\n', ' \n', 'b', 'a']) await history.add(entry)
  expect(history.entries).toEqual(['a', 'b', 'a'])
})

test('a password is neither kept in the file nor shown again', async () => {
  const path = join(await scratch(), 'history')
  const history = await History.open(path)
  await history.add("alter role ada password 'hunter2';")
  await history.add('select 1;')
  expect(history.entries).toEqual(['select 1;'])
  expect(await readFile(path, 'utf8')).not.toContain('hunter2')
})

test('the last thousand are kept', async () => {
  const path = join(await scratch(), 'history')
  const lines = Array.from(
    { length: HISTORY_SIZE + 5 },
    (_, index) => `${JSON.stringify(`select ${index};`)}\n`,
  )
  await writeFile(path, lines.join(''))
  const history = await History.open(path)
  expect(history.entries).toHaveLength(HISTORY_SIZE)
  expect(history.entries[0]).toBe('select 5;')
  expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(HISTORY_SIZE + 1)
  await history.add('one more')
  expect(history.entries).toHaveLength(HISTORY_SIZE)
})

test('two prompts at a time do not lose each other’s entries', async () => {
  const path = join(await scratch(), 'history')
  const [one, two] = [await History.open(path), await History.open(path)]
  await one.add('from one')
  await two.add('from two')
  expect((await History.open(path)).entries).toEqual(['from one', 'from two'])
})

test('lines that are no entries are left out', async () => {
  const path = join(await scratch(), 'history')
  await writeFile(path, 'not json\n"good"\n{"a":1}\n')
  expect((await History.open(path)).entries).toEqual(['good'])
})

test('a file that cannot be used is no reason not to work', async () => {
  const folder = await scratch()
  const history = await History.open(folder)
  expect(history.failure).toContain('EISDIR')
  await history.add('select 1;')
  expect(history.entries).toEqual(['select 1;'])
})
