import { expect, test } from 'vitest'
import { makeElf } from '../../../../support/layer/make-elf.ts'
import { findingsIn, idsIn } from '../../../../support/layer/verify.ts'

const named = (tag: string) => `python/pydantic_core/_pydantic_core.${tag}.so`
const CP312 = named('cpython-312-x86_64-linux-gnu')

test('a module of the right Python, a stable one, and one without a tag', async () => {
  expect(await idsIn({ [CP312]: makeElf() }, { pythons: ['3.12'] })).toEqual([])
  expect(await idsIn({ [named('abi3')]: makeElf() }, { pythons: ['3.9'] })).not.toContain(
    `abi-tag ${named('abi3')}`,
  )
  expect(await idsIn({ 'python/plain/_x.so': makeElf() })).toEqual([])
})

test('a module of another Python: what was found, and what is looked for', async () => {
  const findings = await findingsIn({ [CP312]: makeElf() }, { pythons: ['3.11'] })
  expect(findings.find(({ id }) => id === 'abi-tag')).toMatchObject({
    severity: 'error',
    file: CP312,
    production:
      "Runtime.ImportModuleError: Unable to import module 'app': No module named 'pydantic_core._pydantic_core'",
    details: { found: 'cpython-312-x86_64-linux-gnu', wanted: '.cpython-311-x86_64-linux-gnu.so' },
  })
})

test.each([
  'cpython-313t-x86_64-linux-gnu',
  'cpython-313-x86_64-linux-musl',
  'pypy310-pp73-x86_64-linux-gnu',
])('%s is for another Python or system', async (tag) => {
  expect(await idsIn({ [named(tag)]: makeElf() })).toEqual([`abi-tag ${named(tag)}`])
})

test('a module that is there for several Pythons serves each', async () => {
  const both = { [CP312]: makeElf(), [named('cpython-313-x86_64-linux-gnu')]: makeElf() }
  expect(await idsIn(both, { pythons: ['3.12', '3.13'] })).toEqual([])
  expect(await idsIn(both, { pythons: ['3.12'] })).toEqual([])
})

test('a layer for two runtimes with a module for one', async () => {
  const [finding] = await findingsIn({ [CP312]: makeElf() }, { pythons: ['3.12', '3.13'] })
  expect(finding).toMatchObject({ id: 'abi-several-runtimes', details: { runtimes: ['python3.13'] } })
  expect(finding?.remedy).toContain('declare only python3.12')
})

test('the floor of the stable ABI stands in WHEEL', async () => {
  const info = 'python/fast-1.0.dist-info'
  const files = {
    'python/fast/_fast.abi3.so': makeElf(),
    [`${info}/METADATA`]: 'Name: fast\nVersion: 1.0\n',
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nTag: cp312-abi3-manylinux_2_17_x86_64\n',
    [`${info}/RECORD`]: 'fast/_fast.abi3.so,,\n',
  }
  expect(await idsIn(files, { pythons: ['3.12'] })).toEqual([])
  expect(await idsIn(files, { pythons: ['3.13'] })).toEqual([])
  const [finding] = await findingsIn(files, { pythons: ['3.11'] })
  expect(finding).toMatchObject({
    id: 'abi3-floor',
    file: 'python/fast/_fast.abi3.so',
    details: { floor: '3.12' },
  })
})
