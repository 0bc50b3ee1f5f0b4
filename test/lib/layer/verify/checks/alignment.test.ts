import { expect, test } from 'vitest'
import { makeElf } from '../../../../support/layer/make-elf.ts'
import { findingsIn, idsIn } from '../../../../support/layer/verify.ts'

const PATH = 'python/numpy.libs/libscipy_openblas64_-32a4b2a6.so'

test('segments on pages of 4 and of 64 kB', async () => {
  expect(await idsIn({ [PATH]: makeElf({ align: 0x1000 }) })).toEqual([])
  expect(await idsIn({ [PATH]: makeElf({ align: 0x10000 }) })).toEqual([])
})

test('a stripped library whose addresses and offsets no longer agree', async () => {
  const [finding] = await findingsIn({ [PATH]: makeElf({ misaligned: true }) })
  expect(finding).toMatchObject({
    id: 'elf-alignment',
    severity: 'error',
    file: PATH,
    production: `ImportError: /opt/${PATH}: ELF load command address/offset not properly aligned`,
  })
})

test('an alignment that is no page', async () => {
  const [finding] = await findingsIn({ [PATH]: makeElf({ align: 0x10 }) })
  expect(finding?.production).toContain('ELF load command alignment not page-aligned')
})

test('programs are mapped by the kernel, which does not mind', async () => {
  const program = makeElf({ misaligned: true, interpreter: '/lib64/ld-linux-x86-64.so.2' })
  expect(await idsIn({ 'python/tool/run': program })).toEqual([])
})
