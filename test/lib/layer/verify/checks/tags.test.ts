import { expect, test } from 'vitest'
import { makeElf } from '../../../../support/layer/make-elf.ts'
import { findingsIn } from '../../../../support/layer/verify.ts'

/** Findings about a package with a tag, whose file needs a version of glibc. */
async function tagged(tags: readonly string[], needs: string, python: string) {
  const info = 'python/fast-1.0.dist-info'
  const findings = await findingsIn(
    {
      'python/fast/_fast.so': makeElf({
        needed: ['libc.so.6'],
        versionNeeds: [{ library: 'libc.so.6', versions: [{ name: needs, weak: false }] }],
      }),
      [`${info}/METADATA`]: 'Name: fast\nVersion: 1.0\n',
      [`${info}/WHEEL`]: `Wheel-Version: 1.0\n${tags.map((tag) => `Tag: py3-none-${tag}\n`).join('')}`,
      [`${info}/RECORD`]: 'fast/_fast.so,,\n',
    },
    { pythons: [python] },
  )
  return findings.map(({ id, severity }) => `${severity} ${id}`)
}

test('a tag that keeps what it promises', async () => {
  expect(await tagged(['manylinux_2_17_x86_64', 'manylinux2014_x86_64'], 'GLIBC_2.17', '3.13')).toEqual([])
})

test('a tag that promises more than the symbols keep, harmful or not', async () => {
  expect(await tagged(['manylinux1_x86_64'], 'GLIBC_2.28', '3.13')).toEqual(['warning tag-too-old'])
  expect(await tagged(['manylinux1_x86_64'], 'GLIBC_2.28', '3.11')).toEqual([
    'error glibc-version',
    'warning tag-too-old',
  ])
})

test('a tag that promises less: the files decide', async () => {
  expect(await tagged(['manylinux_2_27_x86_64', 'manylinux_2_28_x86_64'], 'GLIBC_2.17', '3.11')).toEqual([
    'info tag-too-new',
  ])
  expect(await tagged(['manylinux_2_27_x86_64'], 'GLIBC_2.17', '3.12')).toEqual([])
})

test('a tag without a version says nothing', async () => {
  expect(await tagged(['linux_x86_64'], 'GLIBC_2.17', '3.11')).toEqual([])
})
