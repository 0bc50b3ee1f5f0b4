import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cruddur } from '../support/cli.ts'

const MANIFEST = JSON.parse(readFileSync(join(import.meta.dirname, '../../oclif.manifest.json'), 'utf8')) as {
  commands: Record<string, { summary?: string; examples?: unknown[] }>
}
const COMMANDS = Object.keys(MANIFEST.commands).toSorted()

// 80 columns, as on a terminal: what is shown must not depend on who runs the tests.
const env = { OCLIF_COLUMNS: '80' }

test.for(COMMANDS)('%s --help', async (id) => {
  const { code, stdout, stderr } = await cruddur([...id.split(':'), '--help'], { env })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  await expect(stdout).toMatchFileSnapshot(`__snapshots__/${id.replaceAll(':', '-')}.txt`)
})

test.for(COMMANDS)('%s has a summary and an example', (id) => {
  const command = MANIFEST.commands[id]
  expect(command?.summary).toMatch(/^[a-z]/)
  expect(command?.examples?.length).toBeGreaterThan(0)
})

test.for([[], ['--help'], ['-h'], ['db'], ['db', '--help']])('cruddur %j shows help', async (words) => {
  const { code, stdout } = await cruddur(words, { env })
  expect(code).toBe(0)
  expect(stdout).toContain('USAGE')
})

test('--version', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    version: string
  }
  expect((await cruddur(['--version'])).stdout).toContain(`cruddur/${version} `)
})
