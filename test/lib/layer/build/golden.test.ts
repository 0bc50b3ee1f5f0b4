import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildLayer } from '../../../../src/lib/layer/build/build-layer.ts'
import type { BuildOptions } from '../../../../src/lib/layer/build/build-options.ts'
import { HttpClient } from '../../../../src/lib/layer/http/http-client.ts'
import { requireTools } from '../../../conformance/harness/tools.ts'
import { buildDefaults } from '../../../support/layer/build.ts'
import { pythonZip, unzipTest } from '../../../support/layer/python-zip.ts'
import { failure } from '../../../support/layer/resolve.ts'
import { requireWheels } from '../../../support/layer/wheels.ts'
import { ROOT } from '../../../support/markdown.ts'
import { scriptFolder } from '../../../support/script-folder.ts'

// Layers of real packages, from the real index. Versions are limited to what was there when this was written.

/** Wheels are 200 MB: they stay for the next time. */
const CACHE = join(ROOT, 'node_modules/.cache/cruddur-layer-build')

let missing = ''

beforeAll(async () => {
  const http = new HttpClient({ retries: 1 })
  try {
    const { body } = await http.get(new URL('https://pypi.org/simple/six/'))
    body.destroy()
  } catch (error) {
    missing = `PyPI cannot be asked: ${(error as Error).message}`
  } finally {
    http.close()
  }
})

interface Skippable {
  skip: (reason: string) => void
}

/** Options of a build from PyPI, in a folder of its own. */
function onPypi({ skip }: Skippable, options: Partial<BuildOptions>): BuildOptions {
  if (missing) requireTools(missing, skip)
  return {
    ...buildDefaults(scriptFolder()),
    cacheFolder: CACHE,
    resolver: 'cruddur',
    network: {},
    builder: 'wheels',
    ...options,
  }
}

const X86_ON_AL2 = { arch: 'x86_64', python: '3.11' } as const

test('1: psycopg2-binary for python3.11 on x86_64 is sound, and needs no more than glibc 2.17', async (context) => {
  const result = await buildLayer(
    onPypi(context, { ...X86_ON_AL2, requirements: ['psycopg2-binary==2.9.13'] }),
  )
  expect(result).toMatchObject({ outcome: 'built', name: 'psycopg2-py311-x86_64', verdict: { ok: true } })
  expect(result.verdict?.versions['GLIBC']).toBe('GLIBC_2.17')
  unzipTest(result.zip)
  const entries = pythonZip(result.zip)
  expect(new Set(entries.map(({ mode }) => mode))).toEqual(new Set(['0o100644', '0o100755']))
  expect(new Set(entries.map(({ date }) => date.join()))).toEqual(new Set(['1980,1,1,0,0,0']))
  expect(entries.reduce((sum, { size }) => sum + size, 0)).toBe(result.sizes.unzipped)
}, 120_000)

describe('2: pillow 12.3.0 on python3.11', () => {
  test('has no wheel, and the message says what would do', async (context) => {
    const error = await failure(
      buildLayer(onPypi(context, { ...X86_ON_AL2, requirements: ['pillow==12.3.0'] })),
    )
    expect(error).toMatchObject({ code: 'NO_WHEEL', kind: 'failed' })
    expect(error.message).toContain('python3.11 on x86_64 (glibc 2.26)')
    expect(error.hint).toContain('python3.12 on x86_64')
  }, 120_000)

  test('taken by force it is refused, with its three files and what they need', async (context) => {
    const [wheel = ''] = await requireWheels(['pillow-12.3.0-cp311-x86_64'], context.skip)
    const folder = scriptFolder()
    // The name promises what the files do not keep.
    copyFileSync(wheel, join(folder, 'pillow-12.3.0-cp311-cp311-manylinux_2_17_x86_64.whl'))
    const options: BuildOptions = {
      ...buildDefaults(folder),
      ...X86_ON_AL2,
      requirements: ['pillow==12.3.0'],
      index: { findLinks: [folder], noIndex: true },
    }
    const error = await failure(buildLayer(options))
    expect(error).toMatchObject({ code: 'LAYER_NOT_SOUND', kind: 'failed' })
    const files = error.context?.match(/^glibc-version: [^\n:]*/gm) ?? []
    expect(
      files.map((line) => /(?:_imagingmath|libavif|libsharpyuv)/.exec(line)?.[0] ?? '').toSorted(),
    ).toEqual(['_imagingmath', 'libavif', 'libsharpyuv'])
    expect(error.context).toContain('GLIBC_2.27')
    expect(error.hint).toContain('3.12')
  }, 120_000)
})

test('3: for python3.11 the newest versions that its glibc takes', async (context) => {
  const requirements = ['numpy<2.5', 'pandas<3', 'lxml<6.2']
  const result = await buildLayer(onPypi(context, { ...X86_ON_AL2, requirements, name: 'science' }))
  const versions = Object.fromEntries(result.wheels.map(({ name, version }) => [name, version]))
  expect(versions).toMatchObject({ numpy: '2.2.6', pandas: '2.3.3', lxml: '6.1.3' })
  expect(result.verdict?.ok).toBe(true)
  expect(result.passedOver.map(({ name, version }) => `${name} ${version}`)).toContain('numpy 2.2.6')
  const error = await failure(
    buildLayer(onPypi(context, { ...X86_ON_AL2, requirements: ['pyarrow==25.0.1'] })),
  )
  expect(error).toMatchObject({ code: 'NO_WHEEL' })
  expect(error.message).toContain('glibc 2.26')
}, 240_000)

test('4: for python3.12 what needs glibc 2.27 and 2.34 is found', async (context) => {
  const requirements = ['z3-solver==5.1.0.0', 'cryptography==50.0.2']
  const result = await buildLayer(
    onPypi(context, { requirements, python: '3.12', arch: 'x86_64', dryRun: true }),
  )
  expect(result.wheels.map(({ fileName }) => fileName)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^z3_solver-5\.1\.0\.0-py3-none-manylinux_2_27_x86_64/),
      expect.stringMatching(/^cryptography-50\.0\.2-cp\d+-abi3-manylinux_2_34_x86_64/),
    ]),
  )
}, 120_000)

test('5: six packages are too large, and fit when they are stripped', async (context) => {
  const requirements = [
    'psycopg2-binary==2.9.13',
    'pillow==13.0.0',
    'pydantic==2.14.3',
    'pyarrow==26.0.1',
    'numpy==2.5.5',
    'pandas==3.1.1',
  ]
  const options = onPypi(context, { requirements, arch: 'x86_64', name: 'six' })
  const raw = await failure(buildLayer({ ...options, prune: false }))
  const pruned = await failure(buildLayer(options))
  for (const error of [raw, pruned]) expect(error.code).toBe('LAYER_TOO_LARGE')
  const sizes = [raw, pruned].map(({ details }) => Number(details['unzipped']))
  expect(sizes[0]).toBeGreaterThan((sizes[1] ?? 0) + 30_000_000)
  expect(pruned.context).toMatch(/^PACKAGE[^\n]*\npyarrow +26\.0\.1 [^\n]*\nnumpy +2\.5\.5 /)
  const stripped = await buildLayer({ ...options, strip: true })
  if (stripped.warnings.some((text) => text.startsWith('Nothing was stripped')))
    return requireTools('there is no strip', context.skip)
  expect(stripped.sizes.unzipped).toBeLessThan(240_000_000)
  expect(stripped).toMatchObject({ needsS3: true, verdict: { ok: true } })
}, 300_000)

test('8: two builds have the same bytes, whatever is kept from before', async (context) => {
  const requirements = ['psycopg2-binary==2.9.13', 'pydantic==2.14.3']
  const one = await buildLayer(onPypi(context, { requirements, name: 'twice' }))
  const other = await buildLayer(
    onPypi(context, { requirements: requirements.toReversed(), name: 'twice', cache: false }),
  )
  expect(readFileSync(one.zip).equals(readFileSync(other.zip))).toBe(true)
  expect(other.codeSha256).toBe(one.codeSha256)
  rmSync(other.zip)
}, 240_000)
