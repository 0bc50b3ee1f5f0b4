import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createDatabase } from '../support/database.ts'

test('the home feed comes as JSON, and a new person can be added', async () => {
  const database = await createDatabase()
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(import.meta.dirname, '../../examples/home-feed.js'),
      database.url,
    ])
    const [feed = '', person = ''] = stdout.split('\n')
    expect(JSON.parse(feed)).toEqual([
      {
        message: 'This was imported as seed data!',
        handle: 'andrewbrown',
        expires_at: expect.any(String) as string,
      },
    ])
    expect(JSON.parse(person)).toEqual({ handle: 'grace' })
  } finally {
    await database.drop()
  }
})
