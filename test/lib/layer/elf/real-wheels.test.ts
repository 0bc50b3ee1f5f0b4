import { expect, onTestFinished, test } from 'vitest'
import { readElf } from '../../../../src/lib/layer/elf/read-elf.ts'
import { exceeds, newestByFamily } from '../../../../src/lib/layer/elf/versions.ts'
import { findRuntime } from '../../../../src/lib/layer/runtimes.ts'
import { ZipArchive } from '../../../../src/lib/layer/zip/read-zip.ts'
import { requireWheels, type WheelKey } from '../../../support/layer/wheels.ts'

// What real wheels need of the system, and which of their files a runtime cannot load. The expectations were found with readelf.

interface Expectation {
  wheel: WheelKey
  glibc: string
  glibcxx?: string
  /** Parts of the names of the files that need more than Amazon Linux 2 has. */
  tooNewForAl2?: readonly string[]
}

const EXPECTED: readonly Expectation[] = [
  { wheel: 'psycopg2-binary-2.9.13-cp311-x86_64', glibc: 'GLIBC_2.17' },
  {
    wheel: 'pillow-12.3.0-cp311-x86_64',
    glibc: 'GLIBC_2.27',
    tooNewForAl2: ['_imagingmath', 'libavif', 'libsharpyuv'],
  },
  { wheel: 'pillow-11.3.0-cp311-x86_64', glibc: 'GLIBC_2.17' },
  {
    wheel: 'pyarrow-25.0.1-cp311-x86_64',
    glibc: 'GLIBC_2.28',
    glibcxx: 'GLIBCXX_3.4.22',
    tooNewForAl2: ['libarrow.so', 'libarrow_compute.so'],
  },
  { wheel: 'numpy-2.2.6-cp311-x86_64', glibc: 'GLIBC_2.17', glibcxx: 'GLIBCXX_3.4' },
  { wheel: 'pandas-2.3.3-cp311-x86_64', glibc: 'GLIBC_2.14', glibcxx: 'GLIBCXX_3.4.21' },
  {
    wheel: 'shiboken6-6.11.2-abi3-x86_64',
    glibc: 'GLIBC_2.14',
    glibcxx: 'GLIBCXX_3.4.29',
    tooNewForAl2: ['libshiboken6'],
  },
]

test.for(EXPECTED)('$wheel', async ({ wheel, glibc, glibcxx, tooNewForAl2 = [] }, { skip }) => {
  const [path = ''] = await requireWheels([wheel], skip)
  const archive = ZipArchive.open(path)
  onTestFinished(() => archive.close())
  const versionsByFile = archive.entries.flatMap((entry) => {
    const elf = readElf(archive.content(entry), entry.name)
    const versions = elf?.versionNeeds.flatMap((need) => need.versions.map(({ name }) => name))
    return versions ? [{ file: entry.name, versions }] : []
  })
  const newest = newestByFamily(versionsByFile.flatMap(({ versions }) => versions))
  expect(newest['GLIBC']).toBe(glibc)
  if (glibcxx !== undefined) expect(newest['GLIBCXX']).toBe(glibcxx)
  const tooNew = (python: string) =>
    versionsByFile
      .filter(({ versions }) => versions.some((name) => exceeds(name, findRuntime(python).ceilings)))
      .map(({ file }) => file)
      .toSorted()
  const failing = tooNew('3.11')
  expect(failing).toHaveLength(tooNewForAl2.length)
  for (const part of tooNewForAl2) expect(failing.filter((file) => file.includes(part))).toHaveLength(1)
  expect(tooNew('3.12')).toEqual([])
})
