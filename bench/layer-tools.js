import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './tools.js'

/** The uv that is compared with. */
const UV_VERSION = '0.13.9'
/** Milliseconds for installing it. */
const INSTALL_TIMEOUT = 180_000

/** Where the tools and what they keep are between runs. */
export const LAYER_CACHE = join(ROOT, 'node_modules/.cache/cruddur/layer-bench')

function works(program, ...args) {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** @throws {Error} when there is no zip or no pip: without them there is nothing to compare with */
export function requireZipAndPip() {
  if (!works('zip', '-v'))
    throw new Error('There is no zip here to compare with. Install it (Debian: apt install zip).')
  if (!works('python3', '-m', 'pip', '--version'))
    throw new Error('There is no pip here to compare with. Install it (Debian: apt install python3-pip).')
}

/** uv as PyPI has it, in an environment of its own; `undefined` when it cannot be installed. */
export function findUv() {
  const folder = join(LAYER_CACHE, `uv-${UV_VERSION}`)
  const uv = join(folder, 'bin/uv')
  if (existsSync(uv)) return uv
  mkdirSync(LAYER_CACHE, { recursive: true })
  try {
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'ignore', timeout: INSTALL_TIMEOUT })
    const args = ['install', '--quiet', '--disable-pip-version-check', `uv==${UV_VERSION}`]
    execFileSync(join(folder, 'bin/pip'), args, { stdio: 'ignore', timeout: INSTALL_TIMEOUT })
    return uv
  } catch {
    rmSync(folder, { recursive: true, force: true })
    return undefined
  }
}
