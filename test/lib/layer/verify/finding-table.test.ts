import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FINDING_KINDS } from '../../../../src/lib/layer/verify/finding-table.ts'
import { countFindings, finding, sortFindings } from '../../../../src/lib/layer/verify/findings.ts'
import { ROOT } from '../../../support/markdown.ts'

/** All of the sources in a folder, but for the table itself. */
const textOf = (folder: string) => {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.ts') && !name.includes('finding-table'))
    .map((name) => readFileSync(join(ROOT, folder, name), 'utf8'))
    .join('\n')
}

test('every kind of finding has a check that makes it, and a test that meets it', () => {
  const checks = ['checks', 'imports'].map((folder) => textOf(`src/lib/layer/verify/${folder}`)).join('\n')
  const tests = textOf('test/lib/layer/verify')
  const ids = Object.keys(FINDING_KINDS)
  expect(ids.filter((id) => !checks.includes(`'${id}'`))).toEqual([])
  expect(ids.filter((id) => !new RegExp(`['" \`]${id}\\b`).test(tests))).toEqual([])
})

test('the gravest first, then as in the table, then by file; each once', () => {
  const findings = [
    finding('prunable-files', { reason: 'r' }),
    finding('elf-machine', { reason: 'r', file: 'b' }),
    finding('elf-machine', { reason: 'r', file: 'a' }),
    finding('elf-machine', { reason: 'r', file: 'a' }),
    finding('layer-empty', { reason: 'r' }),
    finding('elf-machine', { reason: 'r', file: 'c', severity: 'warning' }),
  ]
  const sorted = sortFindings(findings)
  expect(sorted.map(({ id, file }) => `${id} ${file}`)).toEqual([
    'layer-empty ',
    'elf-machine a',
    'elf-machine b',
    'elf-machine c',
    'prunable-files ',
  ])
  expect(countFindings(sorted)).toEqual({ error: 3, warning: 1, info: 1 })
})
