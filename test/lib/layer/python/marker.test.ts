import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { holds, type MarkerEnvironment, parseMarker } from '../../../../src/lib/layer/python/marker.ts'

// Markers mean what Python's own reader of them says, for a machine that is not this one.

const LAMBDA: MarkerEnvironment = {
  implementation_name: 'cpython',
  implementation_version: '3.13.0',
  os_name: 'posix',
  platform_machine: 'aarch64',
  platform_python_implementation: 'CPython',
  platform_release: '',
  platform_system: 'Linux',
  platform_version: '',
  python_full_version: '3.13.0',
  python_version: '3.13',
  sys_platform: 'linux',
}

const MARKERS = [
  'python_version < "3.11"',
  'python_version >= "3.9"',
  "python_version == '3.13'",
  'python_version == "3.13.*"',
  'python_version != "3.13"',
  'python_version ~= "3.9"',
  'python_version > "3.2"',
  '"3.10" <= python_version',
  'python_full_version < "3.13.1"',
  'python_full_version >= "3.13.0rc1"',
  'implementation_version >= "3"',
  'python_version in "3.12 3.13"',
  'python_version not in "3.12, 3.13"',
  'sys_platform == "linux"',
  'sys_platform != "win32"',
  'sys_platform in "linux darwin"',
  'sys_platform not in "linux"',
  '"lin" in sys_platform',
  'platform_machine == "aarch64" and sys_platform == "linux"',
  'platform_machine == "x86_64" or platform_machine == "AMD64"',
  'platform_machine == "x86_64" or platform_machine == "aarch64" and python_version < "3"',
  '(platform_machine == "x86_64" or platform_machine == "aarch64") and python_version > "3"',
  'os_name == "nt" or (os_name == "posix" and (sys_platform == "linux"))',
  'platform_python_implementation != "PyPy"',
  "platform_python_implementation=='CPython'",
  'implementation_name == "pypy"',
  'platform_system == "Windows"',
  'extra == "socks"',
  'extra == "tests"',
  'platform_system < "Windows"',
  'os.name == "posix"',
  'sys.platform == "win32"',
  'python_implementation == "CPython"',
]

/** pip carries the reference implementation with it. */
const REFERENCE = `
import json, sys
from pip._vendor.packaging.markers import Marker
markers, environment = json.load(sys.stdin)
print(json.dumps([any(Marker(m).evaluate({**environment, "extra": e}) for e in ("socks", "a-b")) for m in markers]))`

const python = ['python3', 'python'].find((name) => {
  try {
    execFileSync(name, ['-c', 'import pip._vendor.packaging.markers'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})

test.skipIf(!python && !process.env['CI'])(
  'each is what the reference makes of it (needs python3 with pip)',
  () => {
    const input = JSON.stringify([MARKERS, LAMBDA])
    const wanted = JSON.parse(
      execFileSync(python ?? 'python3', ['-c', REFERENCE], { input }).toString(),
    ) as boolean[]
    const ours = MARKERS.map((text) => holds(parseMarker(text), LAMBDA, { extras: ['socks', 'A.b'] }))
    expect(Object.fromEntries(MARKERS.map((text, at) => [text, ours[at]]))).toEqual(
      Object.fromEntries(MARKERS.map((text, at) => [text, wanted[at]])),
    )
  },
)

test('extras are compared by their normal names', () => {
  for (const text of ['extra == "SOCKS" and python_version >= "3"', '"a_b" == extra or extra == "c"'])
    expect(holds(parseMarker(text), LAMBDA, { extras: ['socks', 'A.b'] })).toBe(true)
  expect(holds(parseMarker('extra != "a_b"'), LAMBDA, { extras: ['a-b'] })).toBe(false)
})

test('extras and groups of lock files', () => {
  const marker = parseMarker("'socks' in extras and 'dev' not in dependency_groups")
  expect(holds(marker, LAMBDA, { extras: ['socks'] })).toBe(true)
  expect(holds(marker, LAMBDA, { extras: ['socks'], groups: ['dev'] })).toBe(false)
  expect(holds(marker, LAMBDA)).toBe(false)
})

describe('what is no marker', () => {
  test.each([
    '',
    'python_version',
    'python_version <',
    'python_version < 3',
    'python_vers < "3"',
    '"a" and "b"',
    '(python_version < "3"',
    'python_version < "3") ',
    'python_version < "3" or',
    'python_version < "3" python_version > "2"',
    `python_version < "3'`,
    'python_version and "3"',
  ])('%j', (text) => {
    expect(() => parseMarker(text)).toThrow('is not a marker')
  })
})
