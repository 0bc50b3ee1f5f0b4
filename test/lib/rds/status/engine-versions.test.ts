import { expect, test } from 'vitest'
import {
  DEFAULT_MAJOR,
  isOffered,
  majorOf,
  offeredMajors,
  supportDaysLeft,
  supportEndOf,
} from '../../../../src/lib/rds/status/engine-versions.ts'

const NOW = new Date('2026-11-20T12:00:00Z')

test('the majors in standard support are offered, the newest first', () => {
  expect(offeredMajors(NOW)).toEqual([18, 17, 16, 15, 14])
  expect(isOffered(DEFAULT_MAJOR, NOW)).toBe(true)
  expect(isOffered(13, NOW)).toBe(false)
  expect(isOffered(99, NOW)).toBe(false)
})

test('days are counted until the end of the last day', () => {
  expect(supportEndOf(14)).toEqual(new Date('2027-02-28'))
  expect(supportDaysLeft(14, NOW)).toBe(100)
  expect(supportDaysLeft(14, new Date('2027-02-28T23:00:00Z'))).toBe(0)
  expect(isOffered(14, new Date('2027-02-28T23:00:00Z'))).toBe(true)
  expect(supportDaysLeft(14, new Date('2027-03-01T00:00:01Z'))).toBe(-1)
  expect(isOffered(14, new Date('2027-03-01T00:00:01Z'))).toBe(false)
  expect(supportDaysLeft(99, NOW)).toBeUndefined()
})

test('the major of a version', () => {
  expect(majorOf('17.4')).toBe(17)
  expect(majorOf('18')).toBe(18)
  expect(majorOf('')).toBeUndefined()
})
