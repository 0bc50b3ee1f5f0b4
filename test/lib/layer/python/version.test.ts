import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { Specifier } from '../../../../src/lib/layer/python/specifier.ts'
import {
  compareVersions,
  isPrerelease,
  parseVersion,
  type Version,
} from '../../../../src/lib/layer/python/version.ts'
import { requireTools } from '../../../conformance/harness/tools.ts'

// Versions and specifiers mean what Python's own reader of them says.

const VERSIONS =
  '1.0 1 1.0.0 1.0.1 1.0a1 1.0b2 1.0rc1 1.0c1 1.0.dev1 1.0a1.dev2 1.0.post1 1.0-1 1.0.post1.dev3 1.0+local 1.0+local.2 1.0+2 2.0 2.0rc1 2.0.dev0 2.0a1 2.0.post1 1!1.0 1!0.5 1.1 1.10 1.9 0.9 v1.2 1.2.3.4 2020.1 1.0.0.0.1 1.0alpha1 1.0preview1 1.0.rev2 3 3.1.dev5 1.0rc1.post2'.split(
    ' ',
  )

/** Spelled as people and packages do; how odd spellings count differs between releases of the reference itself. */
const SPELLED = VERSIONS.filter(
  (version) => !/c1$|^v|rev|alpha|preview|-|\+/.test(version) || version.includes('rc'),
)

const SPECIFIERS = [
  ...['==', '!=', '<', '<=', '>', '>=', '==='].flatMap((operator) =>
    SPELLED.map((version) => operator + version),
  ),
  ...SPELLED.filter((version) => version.includes('.')).map((version) => `~=${version}`),
  '==1.*',
  '!=1.*',
  '==1.0.*',
  '==1.1.*',
  '==2.*',
  '!=2.0.*',
  '==1!1.*',
  '==1.0+local',
  '!=1.0+local',
  '==1.0+2',
  '>=1,<2',
  '>=1.0a1,!=1.0rc1,<2.0',
  '~=1.0,!=1.9',
  '',
]

const REFERENCE = `import json, sys
from pip._vendor.packaging.version import Version
from pip._vendor.packaging.specifiers import SpecifierSet
versions, specifiers = json.load(sys.stdin)
v = [Version(x) for x in versions]
print(json.dumps([[[(a > b) - (a < b) for b in v] for a in v], [[SpecifierSet(s).contains(x, prereleases=True) for x in v] for s in specifiers], [x.is_prerelease for x in v]]))`

const parse = (text: string) => parseVersion(text) as Version

test('order and specifiers are what the reference makes of them (needs python3 with pip)', ({ skip }) => {
  let answer: string
  try {
    const input = JSON.stringify([VERSIONS, SPECIFIERS])
    answer = execFileSync('python3', ['-c', REFERENCE], {
      input,
      stdio: ['pipe', 'pipe', 'ignore'],
    }).toString()
  } catch {
    return requireTools('there is no python3 with pip, which has the reference', skip)
  }
  const [order, allowed, pre] = JSON.parse(answer) as [number[][], boolean[][], boolean[]]
  const ours = VERSIONS.map((a) => VERSIONS.map((b) => Math.sign(compareVersions(parse(a), parse(b)))))
  expect(ours).toEqual(order)
  expect(VERSIONS.map((version) => isPrerelease(parse(version)))).toEqual(pre)
  const table = (rows: boolean[][]) =>
    Object.fromEntries(SPECIFIERS.map((one, at) => [one, VERSIONS.filter((_, index) => rows[at]?.[index])]))
  const own = SPECIFIERS.map((text) => VERSIONS.map((version) => new Specifier(text).allows(parse(version))))
  expect(table(own)).toEqual(table(allowed))
})

test.each(['2004d-dev', '', '1.0.x', 'latest'])('%j is no version', (text) => {
  expect(parseVersion(text)).toBeUndefined()
})

test.each(['1.0', '==', '=>1', '>=1.*', '~=1', '>=x', '==1.0+a.*', '<1.0+local'])(
  '%j is no specifier',
  (text) => {
    expect(() => new Specifier(text)).toThrow('does not say which versions are wanted')
  },
)

test('what a specifier asks for', () => {
  expect(new Specifier('==1.0').isPinned).toBe(true)
  expect(new Specifier('===1.0').isPinned).toBe(true)
  expect(new Specifier('==1.*').isPinned).toBe(false)
  expect(new Specifier('>=1').isPinned).toBe(false)
  expect(new Specifier('>=2.0rc1').namesPrerelease).toBe(true)
  expect(new Specifier('!=2.0rc1').namesPrerelease).toBe(false)
})

test('versions have one normal spelling', () => {
  expect(parse('v1.0-Alpha.1').normal).toBe('1.0a1')
  expect(parse('1.0+Ubuntu-1').normal).toBe('1.0+ubuntu.1')
})
