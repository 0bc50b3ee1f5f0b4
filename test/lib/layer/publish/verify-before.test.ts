import { expect, test } from 'vitest'
import { verifyBeforePublishing } from '../../../../src/lib/layer/publish/verify-before.ts'
import { makeElf } from '../../../support/layer/make-elf.ts'
import { withLayers } from '../../../support/layer/verify.ts'

const SOUND = { 'python/a/_a.cpython-313-x86_64-linux-gnu.so': makeElf({ needed: ['libc.so.6'] }) }

test('for each architecture, and each runtime, that it is said to be for', async () => {
  await withLayers(async (place) => {
    const zip = place.zip(SOUND)
    const ids = async (runtimes: string[], architectures: ('arm64' | 'x86_64')[]) => {
      const { ok, findings } = await verifyBeforePublishing(zip, { runtimes, architectures }, {})
      expect(ok).toBe(findings.length === 0)
      return findings.map(({ id }) => id)
    }
    expect(await ids(['python3.13'], ['x86_64'])).toEqual([])
    expect(await ids(['python3.13'], ['x86_64', 'arm64'])).toEqual(['elf-machine'])
    expect(await ids(['python3.12', 'python3.13'], ['x86_64'])).toEqual(['abi-several-runtimes'])
  })
})

test('Ctrl-C ends it', async () => {
  await withLayers(async (place) => {
    const target = { runtimes: ['python3.13'], architectures: ['x86_64' as const] }
    const work = verifyBeforePublishing(place.zip(SOUND), target, { signal: AbortSignal.abort() })
    await expect(work).rejects.toMatchObject({ kind: 'interrupted' })
  })
})
