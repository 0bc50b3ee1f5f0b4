import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { devNull } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from '../markdown.ts'

const run = promisify(execFile)

/** A Python of its own with these, so that results do not depend on what the machine has. */
const PACKAGES = ['uv==0.13.9', 'pip==26.3']

const FOLDER = join(ROOT, 'node_modules/.cache/cruddur-resolvers')

/** The environment with uv and a new pip first on the PATH, and without anybody's settings for them. */
export async function resolverEnvironment(): Promise<Record<string, string | undefined>> {
  if (!existsSync(FOLDER)) await install()
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:PIP|UV)_/.test(name) || name === 'PIP_CERT',
  )
  return {
    ...Object.fromEntries(kept),
    PATH: [join(FOLDER, 'bin'), process.env['PATH']].join(delimiter),
    PIP_CONFIG_FILE: devNull,
    UV_SYSTEM_CERTS: 'true',
  }
}

async function install(): Promise<void> {
  await mkdir(join(FOLDER, '..'), { recursive: true })
  // Beside its place first: another process may be at it as well.
  const folder = await mkdtemp(`${FOLDER}-`)
  try {
    await run('python3', ['-m', 'venv', folder])
    await run(join(folder, 'bin/python'), ['-m', 'pip', 'install', '--quiet', ...PACKAGES])
    // pip is called as a module of this Python: its own script would name the folder that it is in now.
    await rename(folder, FOLDER)
  } catch (error) {
    if (!existsSync(FOLDER)) throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The version of the Python in it: `3.11`. */
export async function hostPython(environment: Record<string, string | undefined>): Promise<string> {
  const ask = 'import sys; print("%d.%d" % sys.version_info[:2])'
  const { stdout } = await run('python3', ['-c', ask], { env: environment })
  return stdout.trim()
}
