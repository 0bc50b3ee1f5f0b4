import { expect, test } from 'vitest'
import {
  autoPauseProblem,
  DEFAULT_CAPACITY,
  maxCapacityProblem,
  minCapacityProblem,
} from '../../../../src/lib/rds/create/capacity-rules.ts'

test('what is taken where nothing is given is right', () => {
  const { min, max, autoPause } = DEFAULT_CAPACITY
  expect(minCapacityProblem(min, 17)).toBeUndefined()
  expect(maxCapacityProblem(max, min)).toBeUndefined()
  expect(autoPauseProblem(autoPause, min)).toBeUndefined()
})

test.each(['0', '0.5', '1', '7.5', '8.0', '128.5', '256'])('%s is a lowest capacity', (text) => {
  expect(minCapacityProblem(text, 17)).toBeUndefined()
})

test.each(['', '-1', '0.25', '0.4', '256.5', '1000', '1e2', '0x1', '.5', '5.', ' 1', 'NaN', '1,5'])(
  '%j is none',
  (text) => {
    expect(minCapacityProblem(text, 17)).toBe(
      'is not a number of capacity units from 0 to 256 in steps of 0.5',
    )
  },
)

test('an engine that is too old cannot pause', () => {
  expect(minCapacityProblem('0', 13)).toBeUndefined()
  expect(minCapacityProblem('0', 12)).toBe(
    'lets the cluster pause, which Aurora PostgreSQL 12 cannot: 13 is the first, and 0.5 the least without',
  )
  expect(minCapacityProblem('0.5', 12)).toBeUndefined()
})

test.each([
  ['1', '0', undefined],
  ['1', '1', undefined],
  ['256', '256', undefined],
  ['0.5', '0', 'is not a number of capacity units from 1 to 256 in steps of 0.5'],
  ['0', '0', 'is not a number of capacity units from 1 to 256 in steps of 0.5'],
  ['1.5', '2', 'is less than the lowest capacity, 2'],
  // What is wrong with the lowest is told of it, not of the highest.
  ['2', '256.5', undefined],
  ['2', 'x', undefined],
])('the highest capacity %s with the lowest %s', (max, min, problem) => {
  expect(maxCapacityProblem(max, min)).toBe(problem)
})

test.each([
  ['5m', undefined],
  ['300', undefined],
  ['1h30m', undefined],
  ['24h', undefined],
  ['4m59s', 'is not a time from 5m to 24h in whole seconds'],
  ['24h1s', 'is not a time from 5m to 24h in whole seconds'],
  ['300500ms', 'is not a time from 5m to 24h in whole seconds'],
  ['soon', 'is not a time from 5m to 24h in whole seconds'],
])('a cluster that pauses after %s', (text, problem) => {
  expect(autoPauseProblem(text, '0')).toBe(problem)
})

test('one that never pauses does not pause after a time', () => {
  expect(autoPauseProblem('5m', '0.5')).toBe(
    'has no meaning with a lowest capacity of 0.5: the cluster pauses only with 0',
  )
})
