import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cruddur, withProject } from '../support/cli.ts'
import { commandLine, watchDescendants } from '../support/descendants.ts'
import { readManifest, type ManifestCommand } from '../support/manifest.ts'

const COMMANDS = readManifest().filter(({ words }) => words[0] === 'db')
const FIRST = 'db:setup'
const LAST = 'db:server:stop'
const REST = COMMANDS.filter(({ id }) => id !== FIRST && id !== LAST)

/** What a command needs besides. All others run as they are. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = { 'db:sessions:kill': ['--all'] }

function command(id: string): ManifestCommand {
  const found = COMMANDS.find((one) => one.id === id)
  if (!found) throw new Error(`there is no ${id}`)
  return found
}

/** The files of a project in which a text stands. */
function filesWith(text: string, folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path, 'latin1').includes(text))
}

test('the password of the embedded server stands in its file and nowhere else', () =>
  withProject(
    {
      'db/schema.sql': 'create table if not exists t (a int);',
      'db/seed.sql': 'insert into t values (1);',
      'package.json': '{"name":"app"}',
    },
    async ({ path }) => {
      // Else root's server would have its files elsewhere.
      chmodSync(path, 0o755)
      const said: string[] = []
      const run = async ({ id, words, flags }: ManifestCommand) => {
        for (const setting of [{ DEBUG: '*' }, { json: true }]) {
          if (setting.json && !('json' in flags)) continue
          let watch: ReturnType<typeof watchDescendants> | undefined
          const { code, stdout, stderr } = await cruddur(
            [...words, ...(ARGUMENTS[id] ?? []), ...(setting.json ? ['--json'] : [])],
            {
              directory: path,
              env: { HOME: path, ...(setting.json ? {} : { DEBUG: '*' }) },
              input: 'select 1;\n',
              onStart: (pid) => (watch = watchDescendants(pid)),
            },
          )
          expect(code, `${id}: ${stderr}`).toBe(0)
          said.push(stdout, stderr, ...(watch?.() ?? []))
        }
      }
      try {
        await run(command(FIRST))
        const password = readFileSync(join(path, '.cruddur/postgres/password'), 'utf8').trim()
        expect(password.length).toBeGreaterThan(20)
        const { pid } = JSON.parse(
          (await cruddur(['db', 'server', 'status', '--json'], { directory: path })).stdout,
        ) as { pid: number }
        said.push(commandLine(pid))
        for (const one of REST.filter(({ id }) => id !== 'db:drop')) await run(one)
        await run(command('db:drop'))
        await run(command(LAST))
        expect(said.filter((text) => text.includes(password))).toEqual([])
        expect(filesWith(password, path)).toEqual([join(path, '.cruddur/postgres/password')])
      } finally {
        await cruddur(['db', 'server', 'stop'], { directory: path })
      }
    },
  ))
