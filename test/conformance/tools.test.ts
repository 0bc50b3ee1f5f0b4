import { afterEach, expect, test, vi } from 'vitest'
import { requireTools } from './harness/tools.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

test('a missing tool skips with the reason', () => {
  vi.stubEnv('CI', '')
  const skip = vi.fn<(reason: string) => void>()
  requireTools('there is no psql', skip)
  expect(skip).toHaveBeenCalledExactlyOnceWith('there is no psql')
})

test('a missing tool fails in continuous integration', () => {
  vi.stubEnv('CI', 'true')
  expect(() => requireTools('there is no psql', () => undefined)).toThrow('there is no psql')
})

test('nothing is skipped when nothing is missing', () => {
  const skip = vi.fn<(reason: string) => void>()
  requireTools(undefined, skip)
  expect(skip).not.toHaveBeenCalled()
})
