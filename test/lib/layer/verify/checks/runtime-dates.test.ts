import { expect, test } from 'vitest'
import { findingsIn } from '../../../../support/layer/verify.ts'

const on = async (day: string, python: string) =>
  (
    await findingsIn({ 'python/a.py': '' }, { pythons: [python], now: () => new Date(`${day}T12:00:00Z`) })
  ).map(({ id, reason }) => `${id}: ${reason}`)

test('a runtime at its end is told of from that day on', async () => {
  expect(await on('2026-10-30', '3.10')).toEqual([])
  expect(await on('2026-10-31', '3.10')).toEqual([
    'runtime-deprecated: AWS has not supported python3.10 since 2026-10-31 (no new function from 2026-11-30 on, no change from 2027-01-15 on).',
  ])
})

test('dates that AWS has not told are left out', async () => {
  expect(await on('2026-10-31', '3.9')).toEqual([
    'runtime-deprecated: AWS has not supported python3.9 since 2025-12-15.',
  ])
})
