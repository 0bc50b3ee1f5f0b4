import { expect, test } from 'vitest'
import { accessTable } from '../../../src/lib/cli/access-table.ts'
import type { AccessRule } from '../../../src/lib/ingress/access.ts'

const AT = new Date('2026-11-20T12:00:00Z')

const rule = (more: Partial<AccessRule>): AccessRule => ({
  id: 'sgr-1',
  groupId: 'sg-1',
  protocol: 'tcp',
  fromPort: 5432,
  toPort: 5432,
  from: '5.6.7.8/32',
  description: '',
  world: false,
  owner: undefined,
  workspace: undefined,
  setAt: undefined,
  expires: undefined,
  expired: false,
  ...more,
})

const tableOf = (rules: AccessRule[], width?: number) =>
  accessTable({ port: 5432, rules, unread: [] }, AT, width)

test('ranges of ports, all ports, leases', () => {
  const lines = tableOf([
    rule({ protocol: '-1', fromPort: -1, toPort: -1, from: 'pl-1' }),
    rule({ fromPort: 5000, toPort: 6000, from: 'sg-2' }),
    rule({
      owner: 'ana',
      workspace: 'w',
      setAt: new Date('2026-11-20T10:00:00Z'),
      expires: new Date('2026-11-22T13:00:00Z'),
    }),
    rule({ expires: new Date('2026-11-20T11:00:00Z'), expired: true }),
  ])
  expect(lines).toMatchInlineSnapshot(`
    [
      "FROM        PORTS      OWNER  WORKSPACE  SET        LEASE            RULE   GROUP  DESCRIPTION",
      "pl-1        all                                                      sgr-1  sg-1",
      "sg-2        5000-6000                                                sgr-1  sg-1",
      "5.6.7.8/32  5432       ana    w          2h 0m ago  2d 1h left       sgr-1  sg-1",
      "5.6.7.8/32  5432                                    ended 1h 0m ago  sgr-1  sg-1",
    ]
  `)
})

test('no line is wider than the terminal, and nothing reaches it that is not text', () => {
  const lines = tableOf([rule({ description: `GITPOD \u001B[31m${'x'.repeat(200)}` })], 80)
  expect(lines.map((line) => line.length <= 80)).toEqual([true, true])
  expect(lines[1]).toContain(String.raw`GITPOD \x1b[31mx`)
  expect(lines.join('')).not.toContain('\u001B')
  expect(lines[1]?.endsWith('…')).toBe(true)
})

test('a tag makes no lines of its own, and leaves room for what stands behind it', () => {
  const lines = tableOf([rule({ owner: 'eve\nstatus    available', workspace: 'x'.repeat(256) }), rule({})])
  expect(lines).toHaveLength(3)
  expect(lines[1]).toContain(String.raw`eve\nstatus    available`)
  expect(lines[1]).not.toMatch(/[\n\t]/)
  expect(lines[1]).toMatch(/ x{31}…  +sgr-1 /)
})
