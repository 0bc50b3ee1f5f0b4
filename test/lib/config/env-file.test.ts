import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import {
  ensureEnvWritable,
  readEnvValue,
  setEnvValue,
  setEnvValues,
} from '../../../src/lib/config/env-file.ts'
import { isRoot } from '../../../src/lib/server/run-as.ts'
import { failureOf } from '../../support/load.ts'
import { smallDisk } from '../../support/tmpfs.ts'

// What becomes of the file itself: its mode, its owner, links to it, and what is there when it cannot be written.

let folder: string
let path: string

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'cruddur-env-')))
  path = join(folder, '.env')
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
})

const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8)

/** Only root can play the other accounts. */
const asRoot = test.runIf(process.platform === 'linux' && isRoot())
const NOBODY = 65_534

test('a file that is not there is made, for its owner only', async () => {
  expect(await setEnvValue(path, 'X', 'new')).toEqual({
    path,
    created: true,
    changed: true,
    tightenedFrom: undefined,
  })
  expect(readFileSync(path, 'utf8')).toBe('X=new\n')
  expect(modeOf(path)).toBe('600')
  expect(readdirSync(folder)).toEqual(['.env'])
})

test('others may not read it any longer, and that is told', async () => {
  writeFileSync(path, 'A=1\n', { mode: 0o644 })
  expect(await setEnvValue(path, 'X', 'new')).toMatchObject({ created: false, tightenedFrom: '644' })
  expect(modeOf(path)).toBe('600')
  expect(readFileSync(path, 'utf8')).toBe('A=1\nX=new\n')
})

test('the same value again changes nothing but a mode', async () => {
  writeFileSync(path, 'X=new', { mode: 0o600 })
  const { ino, mtimeMs } = statSync(path)
  expect(await setEnvValue(path, 'X', 'new')).toMatchObject({ changed: false, tightenedFrom: undefined })
  expect(statSync(path)).toMatchObject({ ino, mtimeMs })
  chmodSync(path, 0o640)
  expect(await setEnvValue(path, 'X', 'new')).toMatchObject({ changed: false, tightenedFrom: '640' })
  expect(modeOf(path)).toBe('600')
})

test('several values are changed at once, and read', async () => {
  writeFileSync(path, 'OLD=1\nX=2\n')
  await setEnvValues(path, { X: 'new', OLD: undefined, Y: 'more' })
  expect(readFileSync(path, 'utf8')).toBe('X=new\nY=more\n')
  expect(await readEnvValue(path, 'Y')).toBe('more')
  expect(await readEnvValue(path, 'OLD')).toBeUndefined()
})

test('a value that cannot be read back leaves the file as it is', async () => {
  writeFileSync(path, 'A=1\n')
  const error = await failureOf(setEnvValues(path, { B: '2', X: '\'"`' }))
  expect(error).toMatchObject({ code: 'ENV_FILE_NOT_WRITABLE', details: { path } })
  expect(error.message).not.toContain('`')
  expect(readFileSync(path, 'utf8')).toBe('A=1\n')
})

describe('links', () => {
  test('a symbolic link stays, and the file it leads to is changed', async () => {
    mkdirSync(join(folder, 'shared'))
    const real = join(folder, 'shared', 'settings')
    writeFileSync(real, 'A=1\n')
    symlinkSync('shared/settings', join(folder, 'between'))
    symlinkSync('between', path)
    expect(await setEnvValue(path, 'X', 'new')).toMatchObject({ path: real })
    expect(lstatSync(path).isSymbolicLink()).toBe(true)
    expect(readFileSync(real, 'utf8')).toBe('A=1\nX=new\n')
    expect(readdirSync(join(folder, 'shared'))).toEqual(['settings'])
  })

  test('one that leads nowhere yet leads to the new file', async () => {
    symlinkSync('later', path)
    expect(await setEnvValue(path, 'X', 'new')).toMatchObject({ created: true })
    expect(readFileSync(join(folder, 'later'), 'utf8')).toBe('X=new\n')
  })

  test('those that lead in a circle are refused', async () => {
    symlinkSync('.env', path)
    expect(await failureOf(setEnvValue(path, 'X', 'new'))).toMatchObject({ code: 'ENV_FILE_NOT_WRITABLE' })
  })

  test('of a hard link, the other name keeps what it had', async () => {
    writeFileSync(path, 'A=1\n')
    linkSync(path, join(folder, 'other'))
    await setEnvValue(path, 'X', 'new')
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('A=1\n')
  })
})

/** Expects the same refusal of the trial and of the writing. */
async function expectRefused(at: string, reason: RegExp): Promise<void> {
  for (const work of [ensureEnvWritable, (file: string) => setEnvValue(file, 'X', 'new')]) {
    const error = await failureOf(work(at))
    expect(error).toMatchObject({ code: 'ENV_FILE_NOT_WRITABLE', kind: 'failed', details: { path: at } })
    expect(error.message).toMatch(reason)
  }
}

describe('what cannot be written is said before and after, and nothing is left behind', () => {
  test('a folder', async () => {
    mkdirSync(path)
    await expectRefused(path, /it is no file/)
    expect(readdirSync(folder)).toEqual(['.env'])
  })

  test('in a folder that does not exist', () =>
    expectRefused(join(folder, 'none', '.env'), /folder does not/))

  test('read-only', async () => {
    writeFileSync(path, 'A=1\n', { mode: 0o400 })
    await expectRefused(path, /it is read-only/)
    expect(modeOf(path)).toBe('400')
  })

  test.each([
    ['UTF-16', Buffer.from('\uFEFFA=1\r\n', 'utf16le')],
    ['with zero bytes', Buffer.from('A=1\0')],
  ])('%s', async (_, bytes) => {
    writeFileSync(path, bytes)
    await expectRefused(path, /not UTF-8/)
    expect(readFileSync(path)).toEqual(bytes)
  })

  test('on a full disk', async ({ skip }) => {
    const disk = smallDisk(16_384, skip)
    const at = join(disk, '.env')
    const text = `A=${'x'.repeat(5000)}\n`
    writeFileSync(at, text)
    // Room for the folder's entry is left, but not for the text.
    writeFileSync(join(disk, 'filler'), 'x'.repeat(4096))
    await expectRefused(at, /disk is full/)
    expect(readFileSync(at, 'utf8')).toBe(text)
    expect(readdirSync(disk).toSorted()).toEqual(['.env', 'filler'])
  })

  test('on a read-only disk', async ({ skip }) => {
    const disk = smallDisk(65_536, skip)
    writeFileSync(join(disk, '.env'), 'A=1\n')
    execFileSync('mount', ['-o', 'remount,ro', disk])
    await expectRefused(join(disk, '.env'), /read-only/)
  })

  test('a file that is mounted by itself keeps its text', async ({ skip }) => {
    const disk = smallDisk(65_536, skip)
    const at = join(disk, '.env')
    writeFileSync(at, '')
    writeFileSync(join(disk, 'outside'), 'A=1\n')
    execFileSync('mount', ['--bind', join(disk, 'outside'), at])
    try {
      const error = await failureOf(setEnvValue(at, 'X', 'new'))
      expect(error).toMatchObject({ code: 'ENV_FILE_NOT_WRITABLE' })
      expect(error.message).toContain('it is mounted by itself')
      expect(readFileSync(at, 'utf8')).toBe('A=1\n')
      expect(readdirSync(disk).toSorted()).toEqual(['.env', 'outside'])
    } finally {
      execFileSync('umount', [at])
    }
  })

  asRoot('for who has no right to the folder', () => {
    writeFileSync(path, 'A=1\n', { mode: 0o666 })
    const module = join(import.meta.dirname, '../../../src/lib/config/env-file.ts')
    const script = `import(process.argv[1]).then(({ setEnvValue }) => setEnvValue(process.argv[2], 'X', 'new')).catch((error) => console.log(error.message))`
    chmodSync(folder, 0o755)
    const { stdout } = spawnSync(process.execPath, ['-e', script, module, path], {
      uid: NOBODY,
      gid: NOBODY,
      encoding: 'utf8',
    })
    expect(stdout).toContain('this user may not write there')
    expect(readFileSync(path, 'utf8')).toBe('A=1\n')
  })
})

test('that it can be written is found out without a trace', async () => {
  await ensureEnvWritable(path)
  expect(readdirSync(folder)).toEqual([])
  writeFileSync(path, 'A=1\n', { mode: 0o644 })
  await ensureEnvWritable(path)
  expect(readdirSync(folder)).toEqual(['.env'])
  expect(modeOf(path)).toBe('644')
})

asRoot('root leaves it to whom it belongs', async () => {
  writeFileSync(path, 'A=1\n')
  chownSync(path, NOBODY, NOBODY)
  await setEnvValue(path, 'X', 'new')
  expect(statSync(path)).toMatchObject({ uid: NOBODY, gid: NOBODY })
})

test('a shell that sources the file reads the same', async () => {
  const values = {
    URL: 'postgres://me:a.b~c-D%40@h.rds.amazonaws.com:5432/db?sslmode=verify-full',
    TILDE: '~root:~root',
    SPECIAL: '$HOME `id` !! \\n # "x" & * (y);',
    QUOTE: "it's",
    LINES: 'two\nlines',
  }
  await setEnvValues(path, values)
  for (const [name, value] of Object.entries(values)) {
    const script = `set -a; . "$0"; printf %s "$${name}"`
    expect(execFileSync('sh', ['-c', script, path], { encoding: 'utf8' })).toBe(value)
    expect(await readEnvValue(path, name)).toBe(value)
  }
})

test('changes at the same moment are all there afterwards', async () => {
  writeFileSync(path, 'FIRST=1\n')
  const names = Array.from({ length: 12 }, (_, index) => `NAME_${index}`)
  await Promise.all(names.map((name) => setEnvValue(path, name, 'x')))
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  expect(lines.toSorted()).toEqual(['FIRST=1', ...names.map((name) => `${name}=x`)].toSorted())
  expect(readdirSync(folder)).toEqual(['.env'])
})
