import { join } from 'node:path'
import { parseRequirement } from '../python/requirement.ts'
import { PYPI } from './index-client.ts'
import { type PinQuestion, type Pins, withRequirementFiles } from './pins.ts'
import { runTool } from './run-tool.ts'
import type { Target } from './target.ts'

/** What uv can choose versions for: glibc 2.N as uv has them (`--python-platform`); 2.26 is not among them. */
const KNOWN_GLIBC: ReadonlySet<number> = new Set([17, 28, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40])

/** Why uv would not choose exactly for a target; `undefined` if it would. */
export function uvProblem({ runtime }: Target): string | undefined {
  const [, minor] = runtime.glibc
  return KNOWN_GLIBC.has(minor) ? undefined : `uv knows no platform with glibc 2.${minor}`
}

/**
 * Lets uv choose the versions. Its own configuration does not count: the same requirements give the same layer everywhere.
 * @returns `undefined` if there is no uv, or it finds no answer
 * @throws {InterruptedError}
 */
export async function resolveWithUv({
  inputs,
  index,
  target,
  environment,
  signal,
}: PinQuestion): Promise<Pins | undefined> {
  return withRequirementFiles(inputs, async (folder) => {
    const platform = `${target.architecture.wheel}-manylinux_${target.runtime.glibc.join('_')}`
    const { code, stdout } = await runTool(
      'uv',
      [
        'pip',
        'compile',
        join(folder, 'requirements.txt'),
        '--constraints',
        join(folder, 'constraints.txt'),
        '--python-version',
        target.python,
        '--python-platform',
        platform,
        '--only-binary',
        ':all:',
        '--no-config',
        '--no-header',
        '--no-annotate',
        '--no-progress',
        '--quiet',
        ...(index.noIndex ? ['--no-index'] : []),
      ],
      {
        signal,
        environment: {
          ...environment,
          UV_DEFAULT_INDEX: index.indexUrl ?? PYPI,
          UV_INDEX: index.extraIndexUrls?.join(' '),
          UV_FIND_LINKS: index.findLinks?.join(','),
          UV_INDEX_URL: undefined,
          UV_EXTRA_INDEX_URL: undefined,
          // All indexes together, as pip and the other resolver here take them.
          UV_INDEX_STRATEGY: 'unsafe-best-match',
          UV_PYTHON_DOWNLOADS: 'never',
          // The system's certificates count, as they do for pip and for us; the second is its name in newer versions.
          UV_NATIVE_TLS: 'true',
          UV_SYSTEM_CERTS: 'true',
          NO_COLOR: '1',
        },
      },
    )
    if (code !== 0) return undefined
    const lines = stdout.split('\n').filter((line) => /^[A-Za-z\d]/.test(line))
    return new Map(
      lines.map(parseRequirement).flatMap(({ name, specifier, url }) => {
        return url === undefined ? [[name, specifier.replace(/^==/, '')] as const] : []
      }),
    )
  })
}
