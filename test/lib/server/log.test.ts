import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tailLines } from '../../../src/lib/server/log-tail.ts'
import { serverLog } from '../../../src/lib/server/log.ts'
import { scratchFolder, serverProject, serverSql } from '../../support/server-project.ts'

test('the last lines of the log are there, with its path', async () => {
  const project = await serverProject()
  const server = await project.start()
  await serverSql(server, 'SELECT 1/0').catch(() => undefined)
  const log = await serverLog({ ...project, lines: 2 })
  expect(log.path).toBe(server.logFile)
  expect(log.lines).toEqual([
    expect.stringMatching(/ERROR: {2}division by zero$/),
    expect.stringMatching(/STATEMENT: {2}SELECT 1\/0$/),
  ])
})

test('a project without a server has no log', async () => {
  expect(await serverLog(await serverProject())).toEqual({ path: undefined, lines: [] })
})

test('the tail of a file is its last lines, fewer when there are fewer', async () => {
  const path = join(await scratchFolder(), 'log')
  expect(await tailLines(path, 10)).toEqual([])
  writeFileSync(path, '')
  expect(await tailLines(path, 10)).toEqual([])
  writeFileSync(path, 'one\ntwo\nthree\n')
  expect(await tailLines(path, 2)).toEqual(['two', 'three'])
  expect(await tailLines(path, 10)).toEqual(['one', 'two', 'three'])
})

test('what was there before the offset is left out', async () => {
  const path = join(await scratchFolder(), 'log')
  writeFileSync(path, 'old\n')
  expect(await tailLines(path, 10, 4)).toEqual([])
  appendFileSync(path, 'new\n')
  expect(await tailLines(path, 10, 4)).toEqual(['new'])
})

test('of a huge file only the end is read, in whole lines', async () => {
  const path = join(await scratchFolder(), 'log')
  const line = `ä${'x'.repeat(998)}\n`
  writeFileSync(path, line.repeat(2000))
  const lines = await tailLines(path, 5000)
  expect(lines.length).toBeLessThan(300)
  expect(new Set(lines)).toEqual(new Set([line.trimEnd()]))
})
