import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { copyBinaries } from '../../../src/lib/server/binaries-copy.ts'
import { findBinaries, findPackage } from '../../../src/lib/server/binaries.ts'
import { makeLibraryLinks } from '../../../src/lib/server/library-links.ts'
import { platformPackage } from '../../../src/lib/server/platform-package.ts'
import { runProgram } from '../../../src/lib/server/program.ts'
import { scratchFolder } from '../../support/server-project.ts'

const PACKAGE_JSON = join(import.meta.dirname, '..', '..', '..', 'package.json')

test('every platform package that we depend on is in the table, and no other', () => {
  const { optionalDependencies } = JSON.parse(readFileSync(PACKAGE_JSON, 'utf8'))
  const platforms = ['darwin', 'linux', 'win32', 'freebsd', 'android', 'aix', 'sunos']
  const architectures = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64']
  const known = platforms.flatMap((platform) => architectures.map((arch) => platformPackage(platform, arch)))
  expect(known.filter((name) => name !== undefined).toSorted()).toEqual(
    Object.keys(optionalDependencies).toSorted(),
  )
})

test('the programs are found beside our own package, wherever the user stands', async () => {
  const script = "import('./binaries.ts').then((m) => console.log(m.findPackage()))"
  const folder = join(import.meta.dirname, '..', '..', '..', 'src', 'lib', 'server')
  const code = script.replace('./binaries.ts', join(folder, 'binaries.ts'))
  const { stdout } = await runProgram(process.execPath, ['-e', `process.chdir('/'); ${code}`])
  expect(stdout.trim()).toBe(findPackage())
})

test('the programs tell their version', async () => {
  const { version, postgres } = await findBinaries()
  expect(version).toMatch(/^17\.\d+$/)
  expect((await runProgram(postgres, ['--version'])).stdout).toBe(`postgres (PostgreSQL) ${version}\n`)
})

test.each([
  ['on a platform without a package', 'plan9', 'is not packaged for plan9 on x64'],
  ['where the package was left out', process.platform === 'linux' ? 'darwin' : 'linux', 'is not installed'],
])('%s the error says so and names the ways around', (_, platform, reason) => {
  expect(() => findPackage(platform, 'x64')).toThrow(
    expect.objectContaining({
      code: 'NO_EMBEDDED_SERVER',
      message: expect.stringContaining(reason),
      hint: expect.stringMatching(/CONNECTION_URL.*docker run.*--omit=optional/),
    }),
  )
})

/** A package whose `postgres` is what the test makes it. */
async function packageWith(
  makeProgram: (path: string) => void,
): Promise<{ packageFolder: string; place: string }> {
  const scratch = await scratchFolder()
  const packageFolder = join(scratch, 'linux-x64')
  mkdirSync(join(packageFolder, 'native', 'bin'), { recursive: true })
  writeFileSync(join(packageFolder, 'package.json'), '{"version":"1.2.3"}')
  makeProgram(join(packageFolder, 'native', 'bin', 'postgres'))
  return { packageFolder, place: join(scratch, 'place') }
}

test.runIf(process.platform === 'linux')(
  'a program whose loader is missing means a system without glibc',
  async () => {
    const { packageFolder, place } = await packageWith((path) => {
      writeFileSync(path, '#!/lib/ld-linux-of-another-world.so\n', { mode: 0o755 })
    })
    await expect(findBinaries({ packageFolder, places: [place] })).rejects.toMatchObject({
      code: 'NO_EMBEDDED_SERVER',
      message: expect.stringContaining('need glibc'),
    })
  },
)

test.runIf(process.platform === 'linux')(
  'a program that cannot run, not even as a copy, is told with its reason',
  async () => {
    const { packageFolder, place } = await packageWith((path) => {
      writeFileSync(path, '#!/bin/sh\necho libicuuc.so.60: cannot open shared object file >&2; exit 127\n', {
        mode: 0o755,
      })
    })
    await expect(findBinaries({ packageFolder, places: [place] })).rejects.toMatchObject({
      code: 'NO_EMBEDDED_SERVER',
      message: expect.stringContaining('libicuuc.so.60: cannot open'),
    })
  },
)

test('missing links are made, present ones stay, and a package without a list needs none', async () => {
  const scratch = await scratchFolder()
  const lib = join(scratch, 'native', 'lib')
  mkdirSync(lib, { recursive: true })
  await makeLibraryLinks(scratch)
  expect(readdirSync(lib)).toEqual([])
  const links = ['libx.so', 'libx.so.1'].map((name) => ({
    source: 'native/lib/libx.so.1.2',
    target: `native/lib/${name}`,
  }))
  writeFileSync(join(scratch, 'native', 'pg-symlinks.json'), JSON.stringify(links))
  writeFileSync(join(lib, 'libx.so.1.2'), 'library')
  symlinkSync('somewhere', join(lib, 'libx.so'))
  await makeLibraryLinks(scratch)
  expect(readFileSync(join(lib, 'libx.so.1'), 'utf8')).toBe('library')
  expect(() => readFileSync(join(lib, 'libx.so'))).toThrow('ENOENT')
})

test('five copies at once make one, complete', async () => {
  const scratch = await scratchFolder()
  const place = join(scratch, 'place')
  const source = findPackage()
  const copies = await Promise.all(Array.from({ length: 5 }, () => copyBinaries(source, 'copy', [place])))
  expect(new Set(copies)).toEqual(new Set([join(place, 'copy')]))
  expect(readdirSync(place)).toEqual(['copy'])
  const { code } = await runProgram(join(place, 'copy', 'native', 'bin', 'initdb'), ['--version'])
  expect(code).toBe(0)
})

test('a copy that cannot be made completely is not made', async () => {
  const scratch = await scratchFolder()
  const source = join(scratch, basename(findPackage()))
  cpSync(join(findPackage(), 'native', 'bin'), join(source, 'native', 'bin'), { recursive: true })
  // The list names a link that cannot be made: its folder is not there.
  writeFileSync(
    join(source, 'native', 'pg-symlinks.json'),
    JSON.stringify([{ source: 'native/lib/a', target: 'native/lib/b' }]),
  )
  expect(await copyBinaries(source, 'copy', [join(scratch, 'place')])).toBeUndefined()
  expect(readdirSync(join(scratch, 'place'))).toEqual([])
})

test('a copy is readable and its programs executable for all, whatever the original is', async () => {
  const scratch = await scratchFolder()
  const source = join(scratch, 'source')
  const bin = join(source, 'native', 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'postgres'), 'program', { mode: 0o700 })
  writeFileSync(join(source, 'native', 'readme'), 'text', { mode: 0o600 })
  chmodSync(bin, 0o700)
  const copy = (await copyBinaries(source, 'copy', [join(scratch, 'place')])) ?? ''
  const mode = (path: string) => statSync(join(copy, path)).mode & 0o777
  expect(['.', 'native', 'native/bin', 'native/bin/postgres'].map(mode)).toEqual([0o755, 0o755, 0o755, 0o755])
  expect(mode('native/readme')).toBe(0o644)
  rmSync(copy, { recursive: true })
})
