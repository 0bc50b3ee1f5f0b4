import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { ARCHITECTURES, findArchitecture } from '../../../../src/lib/layer/architectures.ts'
import { findRuntime, RUNTIMES } from '../../../../src/lib/layer/runtimes.ts'
import { platformTags, supportedTags, TagRanking } from '../../../../src/lib/layer/wheel/tags.ts'
import { parseWheelName } from '../../../../src/lib/layer/wheel/wheel-name.ts'
import { requireTools } from '../../../conformance/harness/tools.ts'

const arm64 = findArchitecture('arm64')
const x86 = findArchitecture('x86_64')

test('every glibc from the runtime down to the oldest there is, with the older names beside', () => {
  expect(platformTags(findRuntime('3.11'), arm64)).toEqual([
    'manylinux_2_26_aarch64',
    'manylinux_2_25_aarch64',
    'manylinux_2_24_aarch64',
    'manylinux_2_23_aarch64',
    'manylinux_2_22_aarch64',
    'manylinux_2_21_aarch64',
    'manylinux_2_20_aarch64',
    'manylinux_2_19_aarch64',
    'manylinux_2_18_aarch64',
    'manylinux_2_17_aarch64',
    'manylinux2014_aarch64',
    'linux_aarch64',
  ])
  const newer = platformTags(findRuntime('3.12'), x86)
  expect(newer.slice(0, 2)).toEqual(['manylinux_2_34_x86_64', 'manylinux_2_33_x86_64'])
  expect(newer.slice(-4)).toEqual([
    'manylinux_2_6_x86_64',
    'manylinux_2_5_x86_64',
    'manylinux1_x86_64',
    'linux_x86_64',
  ])
  expect(newer).toHaveLength(30 + 3 + 1)
})

/** What pip makes of the platforms: it has the library by which the tags are defined with it. */
const PROGRAM = `
import json, sys
from pip._vendor.packaging import tags
minor, platforms = int(sys.argv[1]), json.loads(sys.argv[2])
found = [*tags.cpython_tags((3, minor), [f'cp3{minor}'], platforms),
         *tags.compatible_tags((3, minor), f'cp3{minor}', platforms)]
print(json.dumps([str(tag) for tag in found]))
`

test.for(RUNTIMES.flatMap((runtime) => ARCHITECTURES.map((arch) => ({ runtime, arch }))))(
  'the same tags in the same order as pip: $runtime.name on $arch.name',
  ({ runtime, arch }, { skip }) => {
    let theirs: string
    const minor = runtime.python.split('.')[1] as string
    try {
      theirs = execFileSync('python3', ['-c', PROGRAM, minor, JSON.stringify(platformTags(runtime, arch))], {
        encoding: 'utf8',
        stdio: 'pipe',
      })
    } catch {
      return requireTools('there is no python3 with pip', skip)
    }
    expect(supportedTags(runtime, arch)).toEqual(JSON.parse(theirs))
  },
)

function suits(file: string, python: string, arch = x86): boolean {
  return new TagRanking(supportedTags(findRuntime(python), arch)).rankOf(parseWheelName(file)) !== undefined
}

// Wheels, and on which runtimes (x86_64) they can be imported by their names.
test.for([
  ['psycopg2_binary-2.9.13-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl', ['3.11']],
  ['pillow-12.3.0-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl', []],
  ['pandas-2.3.3-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl', ['3.11']],
  ['z3_solver-5.1.0.0-py3-none-manylinux_2_27_x86_64.whl', ['3.12', '3.13', '3.14']],
  ['cryptography-50.0.2-cp311-abi3-manylinux_2_34_x86_64.whl', ['3.12', '3.13', '3.14']],
  ['cryptography-50.0.2-cp311-abi3-manylinux_2_28_x86_64.whl', ['3.12', '3.13', '3.14']],
  ['a-1-cp312-abi3-manylinux2014_x86_64.whl', ['3.12', '3.13', '3.14']],
  ['wasmtime-49.0.0-py3-none-manylinux1_x86_64.whl', ['3.9', '3.10', '3.11', '3.12', '3.13', '3.14']],
  ['a-1-cp38-none-manylinux1_x86_64.whl', []],
  ['a-1-cp313-cp313t-manylinux1_x86_64.whl', []],
  ['a-1-cp313-none-any.whl', ['3.13']],
  ['a-1-py310-none-any.whl', ['3.10', '3.11', '3.12', '3.13', '3.14']],
  ['a-1-py2.py3-none-any.whl', ['3.9', '3.10', '3.11', '3.12', '3.13', '3.14']],
  ['a-1-py2-none-any.whl', []],
  ['a-1-cp313-cp313-musllinux_1_2_x86_64.whl', []],
  ['a-1-cp313-cp313-linux_x86_64.whl', ['3.13']],
  ['a-1-cp313-cp313-manylinux2014_aarch64.whl', []],
  ['a-1-cp313-cp313-macosx_11_0_arm64.whl', []],
  ['a-1-cp313-cp313-manylinux_2_35_x86_64.whl', []],
] as const)('%s suits %j', ([file, pythons]) => {
  expect(RUNTIMES.map(({ python }) => python).filter((python) => suits(file, python))).toEqual(pythons)
})

test('the best wheel is the most special one, then the one built last', () => {
  const ranking = new TagRanking(supportedTags(findRuntime('3.13'), x86))
  const best = (...files: string[]) => ranking.best(files.map(parseWheelName))?.file
  const [any, abi3, old, own] = [
    'a-1-py3-none-any.whl',
    'a-1-cp39-abi3-manylinux2014_x86_64.whl',
    'a-1-cp313-cp313-manylinux2014_x86_64.whl',
    'a-1-cp313-cp313-manylinux_2_28_x86_64.whl',
  ] as const
  expect(best(any, abi3, old, own)).toBe(own)
  expect(best(any, old, abi3)).toBe(old)
  expect(best(abi3, any)).toBe(abi3)
  expect(best('a-1-2-py3-none-any.whl', any, 'a-1-10-py3-none-any.whl')).toBe('a-1-10-py3-none-any.whl')
  expect(best('a-1-cp312-cp312-manylinux2014_x86_64.whl')).toBeUndefined()
})
