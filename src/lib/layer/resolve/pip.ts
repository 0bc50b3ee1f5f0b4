import { readFile } from 'node:fs/promises'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { platformTags } from '../wheel/tags.ts'
import { normalizeName } from '../python/package-name.ts'
import { PYPI } from './index-client.ts'
import { type PinQuestion, type Pins, withRequirementFiles } from './pins.ts'
import { runTool } from './run-tool.ts'
import type { Target } from './target.ts'

/** What pip needs for `--dry-run --report`. */
const OLDEST_PIP = [22, 2]

const ASK = `import json, pip, platform, sys
print(json.dumps([sys.platform, platform.machine(), "%d.%d" % sys.version_info[:2], sys.implementation.name, pip.__version__]))`

/** A Python with a pip that can say what it would install. */
export interface FoundPip {
  /** Its name on the PATH. */
  python: string
  /** Why it would not choose exactly for the target; `undefined` if it would. */
  problem: string | undefined
}

/**
 * Looks for pip. It judges markers for the machine that it runs on, whatever `--platform` says; so only where that machine and its Python
 * are like the target's does it choose exactly.
 * @throws {InterruptedError}
 */
export async function findPip(
  target: Target,
  environment: PinQuestion['environment'],
  signal: AbortSignal | undefined,
): Promise<FoundPip | undefined> {
  for (const python of [`python${target.runtime.python}`, 'python3', 'python']) {
    const { code, stdout } = await runTool(python, ['-c', ASK], { environment, signal })
    if (code !== 0) continue
    const [system, machine, version, implementation, pip] = JSON.parse(stdout) as string[]
    const [major = 0, minor = 0] = (pip ?? '').split('.').map(Number)
    const [oldestMajor = 0, oldestMinor = 0] = OLDEST_PIP
    if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) continue
    const own = `${implementation} ${version} on ${system} ${machine}`
    const wanted = `cpython ${target.runtime.python} on linux ${target.architecture.wheel}`
    return { python, problem: own === wanted ? undefined : `pip judges markers for ${own}` }
  }
  return undefined
}

/**
 * Lets pip choose the versions. Its own configuration does not count: the same requirements give the same layer everywhere.
 * @returns `undefined` if it finds no answer
 * @throws {InterruptedError}
 */
export async function resolveWithPip(
  python: string,
  { inputs, index, target, environment, signal }: PinQuestion,
): Promise<Pins | undefined> {
  return withRequirementFiles(inputs, async (folder) => {
    const abi = `cp${target.runtime.python.replace('.', '')}`
    const report = join(folder, 'report.json')
    const { code } = await runTool(
      python,
      [
        '-m',
        'pip',
        'install',
        '--dry-run',
        '--ignore-installed',
        '--quiet',
        '--no-input',
        '--report',
        report,
        '--target',
        join(folder, 'unused'),
        '--only-binary',
        ':all:',
        '--python-version',
        target.python,
        '--implementation',
        'cp',
        '--abi',
        abi,
        '--abi',
        'abi3',
        '--abi',
        'none',
        // pip takes each literally, so all of them must be named.
        ...platformTags(target.runtime, target.architecture).flatMap((tag) => ['--platform', tag]),
        ...(index.noIndex ? ['--no-index'] : []),
        '-r',
        join(folder, 'requirements.txt'),
        '-c',
        join(folder, 'constraints.txt'),
      ],
      {
        signal,
        environment: {
          ...environment,
          PIP_CONFIG_FILE: devNull,
          PIP_DISABLE_PIP_VERSION_CHECK: '1',
          PIP_INDEX_URL: index.indexUrl ?? PYPI,
          PIP_EXTRA_INDEX_URL: index.extraIndexUrls?.join(' '),
          PIP_FIND_LINKS: index.findLinks?.join(' '),
        },
      },
    )
    if (code !== 0) return undefined
    const { install } = JSON.parse(await readFile(report, 'utf8')) as {
      install: { metadata: { name: string; version: string } }[]
    }
    return new Map(install.map(({ metadata }) => [normalizeName(metadata.name), metadata.version]))
  })
}
