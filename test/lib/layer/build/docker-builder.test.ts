import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { findArchitecture } from '../../../../src/lib/layer/architectures.ts'
import { buildWithDocker, type DockerBuildOptions } from '../../../../src/lib/layer/build/docker-builder.ts'
import { readElf } from '../../../../src/lib/layer/elf/read-elf.ts'
import { findRuntime } from '../../../../src/lib/layer/runtimes.ts'
import { ZipArchive } from '../../../../src/lib/layer/zip/read-zip.ts'
import { withProject } from '../../../support/cli.ts'
import { containersOf, docker } from '../../../support/layer/containers.ts'
import {
  IMAGES_TIMEOUT,
  lambdaImages,
  missingDocker,
  requireDocker,
  runtimeImage,
} from '../../../support/layer/images.ts'
import { TlsFiles } from '../../../support/tls-files.ts'
import { type SourcePackage, writeSourcePackage } from '../../../support/layer/source-package.ts'

beforeAll(async () => {
  if (missingDocker() === undefined) await lambdaImages('3.11', '3.13')
}, IMAGES_TIMEOUT)
beforeEach(({ skip }) => requireDocker(skip))

/** For what is emulated, on a machine that others use as well. */
const EMULATED = 240_000

/** What every runtime has, and a test's package needs. */
const RUNTIME_LIBRARIES = new Set(['libc.so.6', 'libm.so.6', 'libpthread.so.0', 'ld-linux-aarch64.so.1'])

interface Bench {
  /** Where the packages are. */
  index: string
  output: string
  /** Where builds are done; empty afterwards. */
  temporary: string
  build: (
    options?: Partial<DockerBuildOptions> & { env?: Record<string, string> },
  ) => ReturnType<typeof buildWithDocker>
}

/** Makes packages of sources, and lets them be built from a folder, without any network. */
function withPackages(
  packages: readonly SourcePackage[],
  work: (bench: Bench) => Promise<void>,
): Promise<void> {
  return withProject({}, async ({ path }) => {
    const [index, output, temporary] = ['index', 'output', 'temporary'].map((name) => join(path, name)) as [
      string,
      string,
      string,
    ]
    for (const folder of [index, output, temporary]) mkdirSync(folder)
    for (const one of packages) writeSourcePackage(index, one)
    await work({
      index,
      output,
      temporary,
      build: ({ env = {}, ...options } = {}) =>
        buildWithDocker({
          requirements: options.requirementFiles ? [] : packages.map(({ name }) => `${name}==1.0`),
          runtime: findRuntime('3.13'),
          architecture: findArchitecture('x86_64'),
          output,
          runtimeLibraries: RUNTIME_LIBRARIES,
          pull: 'never',
          environment: { PATH: process.env['PATH'], PIP_NO_INDEX: '1', PIP_FIND_LINKS: index, ...env },
          home: undefined,
          temporaryDirectory: temporary,
          ...options,
        }),
    })
    expect(readdirSync(temporary)).toEqual([])
    expect(containersOf()).toEqual([])
  })
}

/** The architecture of a file in a wheel. */
function machineOf(wheel: string, file: string): number | undefined {
  const archive = ZipArchive.open(wheel)
  try {
    const entry = archive.find(file)
    return entry && readElf(archive.content(entry))?.machine
  } finally {
    archive.close()
  }
}

test(
  'for the other architecture: what has to be compiled is compiled in the build image',
  () =>
    withPackages([{ name: 'tiny' }], async ({ build, output }) => {
      const notes: string[] = []
      const result = await build({
        architecture: findArchitecture('arm64'),
        onProgress: (event) => {
          if (event.type === 'note') notes.push(event.text)
        },
      })
      const file = 'tiny-1.0-cp313-cp313-linux_aarch64.whl'
      const reference = 'public.ecr.aws/sam/build-python3.13:latest-arm64'
      expect(result).toMatchObject({
        wheels: [{ file, path: join(output, file) }],
        libraries: [],
        image: { reference, id: docker('image', 'inspect', '--format', '{{.Id}}', reference) },
      })
      expect(machineOf(join(output, file), 'tiny.cpython-313-aarch64-linux-gnu.so')).toBe(183)
      expect(notes).toContainEqual(expect.stringContaining('tiny==1.0 has to be compiled'))
      expect(notes).toContain('compiling tiny')
    }),
  EMULATED,
)

test('libraries that neither the wheel nor the runtime has come out of the image', () =>
  withPackages(
    [{ name: 'needy', link: ['-Wl,--no-as-needed', '-l:libz.so.1', '-l:libexpat.so.1'] }],
    async ({ build, output }) => {
      const { libraries } = await build()
      expect(libraries).toEqual(
        ['libz.so.1', 'libexpat.so.1'].map((name) => ({
          name,
          path: join(output, 'lib', name),
          neededBy: 'needy-1.0-cp313-cp313-linux_x86_64.whl/needy.cpython-313-x86_64-linux-gnu.so',
        })),
      )
      expect(readdirSync(join(output, 'lib')).toSorted()).toEqual(['libexpat.so.1', 'libz.so.1'])
    },
  ))

test('one that is nowhere fails the build by its name', () =>
  withPackages(
    [{ name: 'orphan', libraries: ['libown.so.1'], link: ['-Wl,--no-as-needed', './libown.so.1'] }],
    async ({ build, output }) => {
      await expect(build()).rejects.toMatchObject({
        code: 'BUILD_LIBRARY_MISSING',
        message: expect.stringContaining(
          'needs libown.so.1, which neither the runtime nor public.ecr.aws/sam',
        ),
        details: { library: 'libown.so.1' },
      })
      expect(readdirSync(output)).toEqual([])
    },
  ))

test('without a compiler in the image that was named, it says what to do', () =>
  withPackages([{ name: 'tiny' }], async ({ build }) => {
    await expect(build({ image: runtimeImage('3.13', 'x86_64') })).rejects.toMatchObject({
      code: 'BUILD_COMPILER_MISSING',
      hint: expect.stringContaining('--image'),
      context: expect.stringContaining("No such file or directory: 'gcc'"),
    })
    const runtime = { ...findRuntime('3.13'), buildImage: 'cruddur-test/no-build-image:1' }
    await expect(build({ runtime })).rejects.toMatchObject({
      code: 'BUILD_COMPILER_MISSING',
      hint: expect.stringContaining('The engine has no image cruddur-test/no-build-image:1'),
    })
  }))

test('an image of another Python is found out before anything is built', () =>
  withPackages([{ name: 'tiny' }], async ({ build }) => {
    await expect(build({ image: runtimeImage('3.11', 'x86_64') })).rejects.toMatchObject({
      code: 'BUILD_WRONG_IMAGE',
      message: `${runtimeImage('3.11', 'x86_64')} has Python 3.11 x86_64, and wanted is 3.13 x86_64.`,
    })
  }))

/** A file of AArch64 without anything in it. */
function foreignElf(): Buffer {
  const elf = Buffer.alloc(64)
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  elf.writeUInt16LE(3, 16)
  elf.writeUInt16LE(183, 18)
  elf.writeUInt16LE(64, 52)
  return elf
}

test('a wheel with a file for the other architecture is no wheel, whatever its name says', () =>
  withPackages(
    [{ name: 'liar', compiled: false, files: { 'liar/native.so': foreignElf() } }],
    async ({ build, output }) => {
      await expect(build()).rejects.toMatchObject({
        code: 'BUILD_WRONG_ARCHITECTURE',
        message: 'liar-1.0-cp313-cp313-linux_x86_64.whl/liar/native.so was built for arm64, not for x86_64.',
      })
      expect(readdirSync(output)).toEqual([])
    },
  ))

test('a wheel that the runtime would not take is no wheel either', () =>
  withPackages(
    [{ name: 'newer', compiled: false, tag: 'cp313-cp313-manylinux_2_36_x86_64' }],
    async ({ build }) => {
      await expect(build()).rejects.toMatchObject({ code: 'BUILD_WRONG_WHEEL' })
    },
  ))

test('files of requirements: what they include, their dependencies, and their hashes', () =>
  withPackages(
    [
      { name: 'one', compiled: false },
      { name: 'two', compiled: false },
    ],
    async ({ build, index, output }) => {
      const write = (name: string, text: string) => writeFileSync(join(index, name), text)
      write('more.txt', 'two\n')
      write('requirements.txt', 'one==1.0\n-r more.txt\n')
      const { wheels, image } = await build({ requirementFiles: [join(index, 'requirements.txt')] })
      expect(wheels.map(({ file }) => file)).toEqual([
        'one-1.0-cp313-cp313-linux_x86_64.whl',
        'two-1.0-cp313-cp313-linux_x86_64.whl',
      ])
      expect(readdirSync(output)).toEqual(['lib', ...wheels.map(({ file }) => file)])
      expect(image.reference).toBe(runtimeImage('3.13', 'x86_64'))
      write('requirements.txt', `one==1.0 --hash=sha256:${'0'.repeat(64)}\n`)
      await expect(build({ requirementFiles: [join(index, 'requirements.txt')] })).rejects.toMatchObject({
        code: 'HASH_MISMATCH',
      })
    },
  ))

test('an index that does not answer is told without its password', () =>
  withPackages([{ name: 'tiny' }], async ({ build }) => {
    const env = {
      PIP_NO_INDEX: '',
      PIP_FIND_LINKS: '',
      PIP_INDEX_URL: 'http://me:hunter2@127.0.0.1:1/simple',
      PIP_RETRIES: '1',
    }
    const error = await build({ env }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'INDEX_UNREACHABLE', kind: 'unreachable' })
    expect(JSON.stringify({ ...(error as object), message: (error as Error).message })).not.toContain(
      'hunter2',
    )
  }))

test('an index whose certificate only this machine trusts', async () => {
  const tls = new TlsFiles()
  try {
    const root = await tls.authority('ours')
    const files = await tls.certificate({ commonName: 'index', names: ['DNS:localhost'], signedBy: 'ours' })
    await withPackages([{ name: 'tiny', compiled: false }], async ({ build, index }) => {
      const server = createServer(
        { cert: readFileSync(files.certificate), key: readFileSync(files.key) },
        (request, response) => {
          if (request.url === '/simple/tiny/') response.setHeader('content-type', 'text/html')
          response.end(
            request.url === '/simple/tiny/'
              ? '<a href="/tiny-1.0.tar.gz">tiny-1.0.tar.gz</a>'
              : readFileSync(join(index, 'tiny-1.0.tar.gz')),
          )
        },
      )
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const url = `https://localhost:${(server.address() as AddressInfo).port}/simple`
      const env = { PIP_NO_INDEX: '', PIP_FIND_LINKS: '', PIP_INDEX_URL: url, PIP_RETRIES: '0' }
      try {
        expect((await build({ env: { ...env, PIP_CERT: root } })).wheels).toHaveLength(1)
        await expect(build({ env })).rejects.toMatchObject({
          code: 'INDEX_UNREACHABLE',
          hint: expect.stringContaining('PIP_CERT'),
        })
      } finally {
        server.close()
        server.closeAllConnections()
      }
    })
  } finally {
    tls.remove()
  }
})

test('what is no requirement but an option of pip is refused', () =>
  withPackages([], async ({ build }) => {
    for (const odd of ['--index-url=http://x', 'tiny\n--no-deps'])
      await expect(build({ requirements: [odd] })).rejects.toMatchObject({
        code: 'REQUIREMENT_INVALID',
        kind: 'usage',
      })
  }))

test.each([1200, 2500])('when interrupted after %i ms nothing is left', (ms) =>
  withPackages([{ name: 'tiny' }], async ({ build, output }) => {
    const arm64 = { architecture: findArchitecture('arm64') }
    await expect(build({ ...arm64, signal: AbortSignal.timeout(ms) })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    })
    expect(readdirSync(output)).toEqual([])
  }),
)

test('what takes too long is ended', () =>
  withPackages([{ name: 'tiny' }], async ({ build }) => {
    await expect(build({ timeout: 300 })).rejects.toMatchObject({ code: 'BUILD_TIMEOUT' })
  }))
