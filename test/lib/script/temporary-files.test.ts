import { readdirSync } from 'node:fs'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { LoadOptions } from '../../../src/lib/script/load-script.ts'
import { withDatabase } from '../../support/database.ts'
import { failureOf, loadFrom } from '../../support/load.ts'
import { scriptFolder } from '../../support/script-folder.ts'

/** Loads a stream; returns what is left in the folder for temporary files, and how it ended. */
async function leftBehind(
  url: string,
  text: string,
  options: Partial<LoadOptions> = {},
): Promise<{ ended: string; left: string[] }> {
  const tmpDirectory = scriptFolder()
  const work = loadFrom(url, {
    directory: scriptFolder(),
    scripts: [{ name: '<stdin>', stream: Readable.from([text]) }],
    tmpDirectory,
    ...options,
  })
  const ended = await work.then(
    () => 'well',
    async () => (await failureOf(work)).code,
  )
  return { ended, left: readdirSync(tmpDirectory) }
}

test.for([
  ['a load that went well', 'SELECT 1;', 'well'],
  ['an error of the server', 'SELECT x;', 'SQL_ERROR'],
  ['an error that was found beforehand', '\\nonsense', 'COMMAND_FAILED'],
  ['a refusal', '\\! true', 'PROGRAM_REFUSED'],
])('no temporary file is left after %s', async ([, text = '', ended]) => {
  await withDatabase(async (url) => {
    expect(await leftBehind(url, text)).toEqual({ ended, left: [] })
  })
})

test('no temporary file is left after an interruption', async () => {
  await withDatabase(async (url) => {
    const abort = new AbortController()
    const onProgress: LoadOptions['onProgress'] = (event) => {
      if (event.type === 'output') abort.abort()
    }
    const options = { signal: abort.signal, onProgress }
    const found = await leftBehind(url, '\\echo now\nSELECT pg_sleep(600);', options)
    expect(found).toEqual({ ended: 'INTERRUPTED', left: [] })
  })
})

test('no temporary file is left when the server cannot be reached', async () => {
  expect(await leftBehind('postgres://postgres@127.0.0.1:1/x?sslmode=disable', 'SELECT 1;')).toEqual({
    ended: 'SERVER_NOT_RUNNING',
    left: [],
  })
})

test('no temporary file is left when a protected database is not confirmed', async () => {
  await withDatabase(async (url) => {
    const found = await leftBehind(url, 'SELECT 1;', { protectedBecause: 'of a test' })
    expect(found).toEqual({ ended: 'NOT_CONFIRMED', left: [] })
  })
})

test('no temporary file is left when a later script is missing', async () => {
  const tmpDirectory = scriptFolder()
  const stream = Readable.from(['SELECT 1;'])
  const scripts = [{ name: '<stdin>', stream }, 'no-such.sql']
  const work = loadFrom('postgres://postgres@127.0.0.1:1/x', {
    directory: scriptFolder(),
    scripts,
    tmpDirectory,
  })
  expect([(await failureOf(work)).code, readdirSync(tmpDirectory)]).toEqual(['SCRIPT_NOT_READABLE', []])
})
