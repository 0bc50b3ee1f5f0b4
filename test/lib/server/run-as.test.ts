import { chmodSync, chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parsePasswd } from '../../../src/lib/server/passwd.ts'
import { canReach } from '../../../src/lib/server/reach.ts'
import { chooseRunAs, isRoot } from '../../../src/lib/server/run-as.ts'
import { scratchFolder } from '../../support/server-project.ts'

const root = { name: 'root', uid: 0, gid: 0 }
const alice = { name: 'alice', uid: 4321, gid: 4300 }
const postgres = { name: 'postgres', uid: 101, gid: 104 }
const nobody = { name: 'nobody', uid: 65_534, gid: 65_534 }

test('passwd lines are read, comments and broken ones left out', () => {
  const text =
    'root:x:0:0:root:/root:/bin/sh\n# no account\nalice:x:4321:4300::/home/alice:/bin/sh\n+::::::\nbad:x:a:b\n'
  expect(parsePasswd(text)).toEqual([root, alice])
})

test('an ordinary user stays himself', async () => {
  expect(await chooseRunAs(['/'], { root: false })).toBeUndefined()
})

test.runIf(isRoot())('root becomes the owner of the first folder that has another one', async () => {
  const scratch = await scratchFolder()
  const [mine, hers] = ['mine', 'hers'].map((name) => join(scratch, name))
  for (const folder of [mine, hers]) mkdirSync(folder ?? '')
  chownSync(hers ?? '', alice.uid, alice.gid)
  const choose = (users: (typeof root)[]) =>
    chooseRunAs([mine ?? '', hers ?? ''], { root: true, users: async () => users })
  expect(await choose([root, nobody, postgres, alice])).toEqual(alice)
  expect(await choose([root, nobody, postgres])).toEqual(postgres)
  expect(await choose([root, nobody])).toEqual(nobody)
  await expect(choose([root])).rejects.toMatchObject({ code: 'NO_UNPRIVILEGED_USER' })
})

test.runIf(isRoot())('an account reaches a folder when it may search all above it', async () => {
  const scratch = await scratchFolder()
  const outer = join(scratch, 'outer')
  const inner = join(outer, 'inner')
  mkdirSync(inner, { recursive: true })
  const set = (mode: number, uid: number, gid: number) => {
    chownSync(outer, uid, gid)
    chmodSync(outer, mode)
  }
  set(0o711, 0, 0)
  expect(await canReach(inner, alice)).toBe(true)
  set(0o700, 0, 0)
  expect(await canReach(inner, alice)).toBe(false)
  set(0o710, 0, alice.gid)
  expect(await canReach(inner, alice)).toBe(true)
  set(0o700, alice.uid, 0)
  expect(await canReach(inner, alice)).toBe(true)
  // The owner's rights hold for the owner even where everybody else has more.
  set(0o077, alice.uid, alice.gid)
  expect(await canReach(inner, alice)).toBe(false)
})
