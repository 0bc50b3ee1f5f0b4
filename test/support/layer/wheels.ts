import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync } from 'node:fs'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { requireTools } from '../../conformance/harness/tools.ts'
import { ROOT } from '../markdown.ts'

/** Where wheels are kept between runs. */
const WHEEL_CACHE = join(ROOT, 'node_modules/.cache/cruddur-wheels')

/** A wheel of the package index: the name of its file, and the SHA-256 of its bytes. */
interface PinnedWheel {
  file: string
  sha256: string
}

/**
 * The real wheels that tests of layers work on. A name says package, version, Python (`abi3` where it serves several, `any` where it
 * is no matter) and Lambda's name of the architecture.
 */
const WHEELS = {
  'psycopg2-binary-2.9.13-cp313-x86_64': {
    file: 'psycopg2_binary-2.9.13-cp313-cp313-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    sha256: 'f04ada42bcd537adbaf8b7f3140237a204e452a88d0c1831cfce69f7d2e59f4e',
  },
  'psycopg2-binary-2.9.13-cp313-arm64': {
    file: 'psycopg2_binary-2.9.13-cp313-cp313-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl',
    sha256: 'aa37089795bd9701576edc2eb5849ce77a439eda9dfdfa47857449332cfa5292',
  },
  'pillow-13.0.0-cp313-x86_64': {
    file: 'pillow-13.0.0-cp313-cp313-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl',
    sha256: '5f56499c1a74d2b862beb0c33b8016f99d095858455df9d21583bbbc1c15b582',
  },
  'pillow-13.0.0-cp313-arm64': {
    file: 'pillow-13.0.0-cp313-cp313-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl',
    sha256: '19b66ca0a4d25cc0200b381ce824c7ea090db61427315e73cfb05dbf1b35c369',
  },
  'numpy-2.5.5-cp313-x86_64': {
    file: 'numpy-2.5.5-cp313-cp313-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl',
    sha256: '824025655df929268bfe6b47ed91a00d14209a6f760847cf150be446829e1ce4',
  },
  'numpy-2.5.5-cp313-arm64': {
    file: 'numpy-2.5.5-cp313-cp313-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl',
    sha256: 'ae2b8285d0b4eed24739c3ca9ec0fa424a0247489c01e1d5fe2815a599e11d33',
  },
  'pydantic-core-2.50.4-cp313-x86_64': {
    file: 'pydantic_core-2.50.4-cp313-cp313-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    sha256: 'fb2bb5b557080da398b866408117d98fe9731a12334afd0cdff221b458cdc5dc',
  },
  'pydantic-core-2.50.4-cp313-arm64': {
    file: 'pydantic_core-2.50.4-cp313-cp313-manylinux2014_aarch64.manylinux_2_17_aarch64.whl',
    sha256: 'a9ee990bf2cfbd81574c5d4f9f6c9d480a14b5b43d2c4f2ca13f4c6f48089394',
  },
  'cryptography-50.0.2-abi3-x86_64': {
    file: 'cryptography-50.0.2-cp311-abi3-manylinux_2_34_x86_64.whl',
    sha256: '9dab55f57c74c3cad24c323bacbbd04be4705ba6eb0d92e920b1fc4837ed5079',
  },
  'cryptography-50.0.2-abi3-arm64': {
    file: 'cryptography-50.0.2-cp311-abi3-manylinux_2_34_aarch64.whl',
    sha256: '87e9ce85beb6b328ba370cc6e6aea483c92617b4c95b1d33a49297eb662bfb04',
  },
  'pyarrow-26.0.1-cp313-x86_64': {
    file: 'pyarrow-26.0.1-cp313-cp313-manylinux_2_28_x86_64.whl',
    sha256: 'f71221bbc7707e3fad920d0478db9350791d4714ec445299ee0d56559fbc156c',
  },
  'pyarrow-26.0.1-cp313-arm64': {
    file: 'pyarrow-26.0.1-cp313-cp313-manylinux_2_28_aarch64.whl',
    sha256: 'a3a79661404ba3d41b7c9a45cb56113246a244b38cb1393fadae289bc66b91b4',
  },
  'pandas-3.1.1-cp313-x86_64': {
    file: 'pandas-3.1.1-cp313-cp313-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl',
    sha256: '645fa00fd85cfced2d2c09dc116d3694f578501b1ce4899153fbe64788ecda98',
  },
  'pandas-3.1.1-cp313-arm64': {
    file: 'pandas-3.1.1-cp313-cp313-manylinux_2_24_aarch64.manylinux_2_28_aarch64.whl',
    sha256: '57112bab44e336758121435cd01ccebc1e4fca56c28d95d7c03bf2418dedea6a',
  },
  'pydantic-2.14.3-any': {
    file: 'pydantic-2.14.3-py3-none-any.whl',
    sha256: '3f7b347782ab7e4cf4c798496ae3a82787d9f21ec12676a9c564355eeef8daa8',
  },
  // Has .data/scripts, with programs in it.
  'uv-0.13.9-x86_64': {
    file: 'uv-0.13.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    sha256: 'd7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19',
  },
  // For the runtimes on Amazon Linux 2, whose glibc is 2.26: what works there, and what looks as if it did.
  'psycopg2-binary-2.9.13-cp311-x86_64': {
    file: 'psycopg2_binary-2.9.13-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    sha256: '930e7e58b33a4f9c39e7532d7a40147925cf3372baed4229cbebe0cf3ba9ce6b',
  },
  'psycopg2-binary-2.9.13-cp311-arm64': {
    file: 'psycopg2_binary-2.9.13-cp311-cp311-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl',
    sha256: '3aea95340825f5ff236e7b40f0b5602c2c77a1e95943f71fae34909834043d29',
  },
  'pillow-12.3.0-cp311-x86_64': {
    file: 'pillow-12.3.0-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl',
    sha256: '23d27a3e0307ec2244cc51e7287b919aa68d097504ebe19df4e76a98a3eea5bd',
  },
  'pillow-11.3.0-cp311-x86_64': {
    file: 'pillow-11.3.0-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    sha256: '91da1d88226663594e3f6b4b8c3c8d85bd504117d043740a8e0ec449087cc494',
  },
  'pillow-11.3.0-cp311-arm64': {
    file: 'pillow-11.3.0-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.whl',
    sha256: '7d1aa4de119a0ecac0a34a9c8bde33f34022e2e8f99104e47a3ca392fd60e37d',
  },
  'numpy-2.3.5-cp311-x86_64': {
    file: 'numpy-2.3.5-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl',
    sha256: '8cba086a43d54ca804ce711b2a940b16e452807acebe7852ff327f1ecd49b0d4',
  },
  'numpy-2.2.6-cp311-x86_64': {
    file: 'numpy-2.2.6-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    sha256: 'ba10f8411898fc418a521833e014a77d3ca01c15b0c6cdcce6a0d2897e6dbbdf',
  },
  'pandas-2.3.3-cp311-x86_64': {
    file: 'pandas-2.3.3-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl',
    sha256: 'b98560e98cb334799c0b07ca7967ac361a47326e9b4e5a7dfb5ab2b1c9d35a1b',
  },
  'pyarrow-25.0.1-cp311-x86_64': {
    file: 'pyarrow-25.0.1-cp311-cp311-manylinux_2_28_x86_64.whl',
    sha256: '25f8720bf6387d5dc2ebd2622112de630760419e4b66134405dd24110d15f37e',
  },
  // manylinux1 by its name, GLIBC_2.28 by its symbols.
  'wasmtime-50.0.1-x86_64': {
    file: 'wasmtime-50.0.1-py3-none-manylinux1_x86_64.whl',
    sha256: 'cc14c3a17654e0394e0225b11813532ef0cd7bd1e222a0c5494cdedaabeddac4',
  },
  // Needs libgomp.so.1, which no runtime has.
  'lightgbm-4.7.0-x86_64': {
    file: 'lightgbm-4.7.0-py3-none-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl',
    sha256: 'd23e922acd891e77212e4d0fbcee9ba973c96dee479491341d05ba595357ebb7',
  },
  // Old enough for glibc 2.26, but needs GLIBCXX_3.4.29.
  'shiboken6-6.11.2-abi3-x86_64': {
    file: 'shiboken6-6.11.2-cp310-abi3-manylinux_2_34_x86_64.whl',
    sha256: '7a7a0a72a9ed26c9bf77d42246b1c736486befb8f31aa2fb29957ea4cdd1c1c2',
  },
  // Needs libodbc.so.2, which no runtime has.
  'pyodbc-5.3.0-cp311-x86_64': {
    file: 'pyodbc-5.3.0-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64.whl',
    sha256: 'c5c30c5cd40b751f77bbc73edd32c4498630939bcd4e72ee7e6c9a4b982cc5ca',
  },
} as const satisfies Record<string, PinnedWheel>

/** How tests call a wheel. */
export type WheelKey = keyof typeof WHEELS

/** Every wheel that there is. */
export const WHEEL_KEYS = Object.keys(WHEELS) as WheelKey[]

const run = promisify(execFile)

/** How often an interrupted download is tried again. */
const ATTEMPTS = 3

/**
 * A real wheel, fetched by pip the first time. It stays in the cache; what was cut off never gets there.
 * @returns the path of its file, which nobody may change
 * @throws an error that says what is missing when there is no pip, or no package index
 */
export function wheelFile(key: WheelKey): Promise<string> {
  const known = found.get(key)
  if (known !== undefined) return known
  const path = findOrFetch(WHEELS[key])
  found.set(key, path)
  // The next test may try again.
  path.catch(() => found.delete(key))
  return path
}

const found = new Map<WheelKey, Promise<string>>()

/** Several wheels, fetched one after the other: the index and the disk are shared with other tests. */
async function wheelFiles(keys: readonly WheelKey[]): Promise<string[]> {
  const paths: string[] = []
  for (const key of keys) paths.push(await wheelFile(key))
  return paths
}

/**
 * Skips the test with the reason where a wheel cannot be had; fails there in continuous integration.
 * @returns the paths of the wheels
 */
export async function requireWheels(
  keys: readonly WheelKey[],
  skip: (reason: string) => void,
): Promise<string[]> {
  try {
    return await wheelFiles(keys)
  } catch (error) {
    requireTools((error as Error).message, skip)
    return []
  }
}

async function findOrFetch({ file, sha256 }: PinnedWheel): Promise<string> {
  const path = join(WHEEL_CACHE, file)
  if (existsSync(path) && (await digest(path)) === sha256) return path
  mkdirSync(WHEEL_CACHE, { recursive: true })
  // In a folder of its own: another process may be fetching the same one.
  const folder = await mkdtemp(join(WHEEL_CACHE, '.fetching-'))
  try {
    await download(file, sha256, folder)
    await rename(join(folder, file), path)
    return path
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Lets pip fetch exactly this file: by the hash there is only one, and the tags keep it from being refused here. */
async function download(file: string, sha256: string, folder: string): Promise<void> {
  const [name = '', version = '', python = '', abi = '', platforms = ''] = file
    .slice(0, -'.whl'.length)
    .split('-')
  const requirements = join(folder, 'requirements.txt')
  await writeFile(requirements, `${name}==${version} --hash=sha256:${sha256}\n`)
  const digits = /(\d)(\d*)$/.exec(python)
  const target = [
    '--implementation',
    python.startsWith('cp') ? 'cp' : 'py',
    '--python-version',
    digits?.[2] ? `${digits[1]}.${digits[2]}` : '3.13',
    '--abi',
    abi,
    ...platforms.split('.').flatMap((platform) => ['--platform', platform]),
  ]
  const options = ['--no-deps', '--only-binary', ':all:', '--disable-pip-version-check', '--quiet']
  const args = ['-m', 'pip', 'download', ...options, ...target, '-r', requirements, '-d', folder]
  for (let attempt = 1; ; attempt++) {
    try {
      await run('python3', args)
      return
    } catch (error) {
      const { code, stderr = '' } = error as Error & { code?: unknown; stderr?: string }
      if (code === 'ENOENT')
        throw new Error(`Real wheels need python3 with pip, which fetches ${file}.`, { cause: error })
      if (attempt === ATTEMPTS)
        throw new Error(`pip cannot fetch ${file}: ${stderr.trim().split('\n').at(-1)}`, { cause: error })
    }
  }
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
