import { expect, test } from 'vitest'
import { buildFailed, recogniseFailure } from '../../../../src/lib/layer/build/build-failure.ts'

// Words of real builds: setuptools, distutils of older Pythons, CMake, meson, maturin, gcc, ld, pip.
test.each([
  ["error: command 'gcc' failed: No such file or directory", 'BUILD_COMPILER_MISSING', true],
  ["error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory", 'BUILD_COMPILER_MISSING', true],
  ["unable to execute 'gcc': No such file or directory", 'BUILD_COMPILER_MISSING', true],
  ['/bin/sh: line 1: gcc: command not found', 'BUILD_COMPILER_MISSING', true],
  ["FileNotFoundError: [Errno 2] No such file or directory: 'gcc'", 'BUILD_COMPILER_MISSING', true],
  [
    "../meson.build:1:0: ERROR: Unknown compiler(s): [['cc'], ['gcc'], ['clang']]",
    'BUILD_COMPILER_MISSING',
    true,
  ],
  ['  No CMAKE_CXX_COMPILER could be found.', 'BUILD_COMPILER_MISSING', true],
  [
    'psycopg/psycopg.h:31:10: fatal error: Python.h: No such file or directory',
    'BUILD_COMPILER_MISSING',
    true,
  ],
  ['Error: pg_config executable not found.', 'BUILD_LIBRARY_MISSING', true],
  ['/bin/sh: mysql_config: command not found', 'BUILD_LIBRARY_MISSING', true],
  ['/usr/bin/ld: cannot find -lodbc: No such file or directory', 'BUILD_LIBRARY_MISSING', false],
  ["error: can't find Rust compiler", 'BUILD_RUST_MISSING', false],
  ['Cargo, the Rust package manager, is not installed or is not on PATH.', 'BUILD_RUST_MISSING', false],
  ['ERROR: No matching distribution found for nosuch==1.0', 'PACKAGE_NOT_FOUND', false],
  [
    "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate",
    'INDEX_UNREACHABLE',
    false,
  ],
  [
    "NewConnectionError('Failed to establish a new connection: [Errno 111] Connection refused')': /simple/x/\nERROR: No matching distribution found for x",
    'INDEX_UNREACHABLE',
    false,
  ],
  ['ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.', 'HASH_MISMATCH', false],
  ['ERROR: ResolutionImpossible: for help visit', 'REQUIREMENTS_CONFLICT', false],
  ['OSError: [Errno 28] No space left on device', 'BUILD_DISK_FULL', false],
  ["error: could not create 'build': Read-only file system", 'BUILD_SOURCE_READ_ONLY', false],
])('%s', (words, code, inBuildImage) => {
  expect(recogniseFailure(`Collecting x\n${words}\nmore`)).toMatchObject({ code, inBuildImage })
})

test('a missing header is named, with the package that has it where that is known', () => {
  const known = recogniseFailure('c/_cffi_backend.c:15:10: fatal error: ffi.h: No such file or directory')
  expect(known).toMatchObject({
    code: 'BUILD_HEADER_MISSING',
    reason: 'the header ffi.h is not in the image',
  })
  expect(known?.remedy).toContain('dnf install -y libffi-devel.')
  const unknown = recogniseFailure('x.c:1:10: fatal error: own/thing.hpp: No such file or directory')
  expect(unknown?.remedy).toContain('with the package that has it')
})

test('what nobody knows is shown as pip said it, without its frame', () => {
  const output = `
  error: subprocess-exited-with-error
  × Building wheel for x (pyproject.toml) did not run successfully.
  │ exit code: 1
  ╰─> [2 lines of output]
      compiling the thing
      something new went wrong
      [end of output]

  note: This error originates from a subprocess, and is likely not a problem with pip.
`
  expect(recogniseFailure(output)).toBeUndefined()
  expect(buildFailed('x==1', 'image:1', output)).toMatchObject({
    code: 'BUILD_FAILED',
    message: 'x==1 could not be built in image:1: pip failed.',
    context: 'compiling the thing\nsomething new went wrong',
  })
})
