import { execFile, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { requireTools } from '../../conformance/harness/tools.ts'
import { CACHE } from '../embedded-postgres.ts'

/**
 * Images that stand in for those of Lambda, made of Debian's packages. They prove that things are wired up and that imports work;
 * they prove nothing about glibc, as Debian's is newer than that of the runtimes.
 */

/** Pythons that a Debian release has. Only for one of them there is a build image, as it is three times as large. */
export type StandInPython = '3.11' | '3.13'
export type StandInArchitecture = 'arm64' | 'x86_64'

/** For the hook that makes the images: the first time on a machine takes half a minute, and others may be at it. */
export const IMAGES_TIMEOUT = 300_000

const PARTS: Readonly<Record<StandInPython, readonly Part[]>> = {
  '3.11': ['base'],
  '3.13': ['base', 'build'],
}
type Part = 'base' | 'build'

const ARCHITECTURES = [
  // Lambda's arm64 is Graviton2. qemu's own choice has pointer authentication, which makes Python six times as slow.
  { name: 'arm64', docker: 'arm64', variant: 'v8', environment: ['QEMU_CPU=neoverse-n1'] },
  { name: 'x86_64', docker: 'amd64', variant: undefined, environment: [] },
] as const

/** What the Dockerfiles of the base images set (aws/aws-lambda-base-images, Dockerfile.python3.*). */
const ENVIRONMENT = [
  'LANG=en_US.UTF-8',
  'TZ=:/etc/localtime',
  'PATH=/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
  'LD_LIBRARY_PATH=/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib',
  'LAMBDA_TASK_ROOT=/var/task',
  'LAMBDA_RUNTIME_DIR=/var/runtime',
]

/** Says that an image is one of ours, and made of what. */
const LABEL = 'cruddur.stand-in'

const SOURCES = join(import.meta.dirname, 'stand-in')
const FILES = ['make-root.sh', 'lambda-entrypoint.sh', 'bootstrap.py']

const run = promisify(execFile)

/** What the images are made of, in short: where it changes, they are made anew. */
const VERSION = createHash('sha256')
  .update(JSON.stringify([PARTS, ARCHITECTURES, ENVIRONMENT]))
  .update(Buffer.concat(FILES.map((file) => readFileSync(join(SOURCES, file)))))
  .digest('hex')
  .slice(0, 16)

/** Where the layers of the images are kept, each version in a folder of its own. */
const IMAGES = `${CACHE}-images`

/** What is missing for tests in containers; `undefined` when nothing is. */
export function missingDocker(): string | undefined {
  try {
    execFileSync('docker', ['version'], { stdio: 'pipe', timeout: 30_000 })
  } catch {
    return 'no Docker engine answers (Debian, as root: test/support/layer/engine.sh)'
  }
  return existsSync('/usr/share/keyrings/debian-archive-keyring.gpg')
    ? undefined
    : 'the images of these tests are made on Debian'
}

/** Skips the test with a reason where there are no images; fails there in continuous integration. */
export function requireDocker(skip: (reason: string) => void): void {
  requireTools(missingDocker(), skip)
}

/** The runtime's image of an architecture. */
export function runtimeImage(python: StandInPython, architecture: StandInArchitecture): string {
  return `public.ecr.aws/lambda/python:${python}-${architecture}`
}

/** An image that the AWS emulator can run functions in: `MOTO_DOCKER_LAMBDA_IMAGE`. It is of this machine's architecture. */
export function emulatorImage(python: StandInPython): string {
  return `cruddur-test/lambda-emulator:python${python}`
}

/**
 * Sees to it that the engine has the images of these Pythons: `public.ecr.aws/lambda/python:X` (which is of x86_64), the same
 * with `-x86_64` and `-arm64`, those for the AWS emulator, and for 3.13 `public.ecr.aws/sam/build-python3.13:latest-…`.
 * Images that somebody has pulled under these names stay; they are the better ones. Does nothing where there is no engine.
 */
export async function lambdaImages(...pythons: StandInPython[]): Promise<void> {
  if (missingDocker() !== undefined) return
  const unlock = await lock()
  try {
    for (const python of pythons) await ensure(python)
  } finally {
    unlock()
  }
}

/** An image in an archive for `docker load`. */
interface Image {
  tags: string[]
  architecture: (typeof ARCHITECTURES)[number]
  parts: readonly Part[]
  entrypoint: string
}

function imagesOf(python: StandInPython): Image[] {
  const images = ARCHITECTURES.flatMap((architecture): Image[] => {
    const tagsOf = (repository: string, tag: string) => [
      `${repository}${tag}-${architecture.name}`,
      ...(architecture.name === 'x86_64' ? [`${repository}${tag}`] : []),
    ]
    const entrypoint = '/lambda-entrypoint.sh'
    const runtime = tagsOf('public.ecr.aws/lambda/python:', python)
    const build = tagsOf(`public.ecr.aws/sam/build-python${python}:`, 'latest')
    return [
      { tags: runtime, architecture, parts: ['base'], entrypoint },
      ...(PARTS[python].includes('build')
        ? [{ tags: build, architecture, parts: PARTS[python], entrypoint: '' }]
        : []),
    ]
  })
  const native = process.arch === 'arm64' ? 'arm64' : 'x86_64'
  const emulator = ARCHITECTURES.filter(({ name }) => name === native).map((architecture): Image => {
    return {
      tags: [emulatorImage(python)],
      architecture,
      parts: ['base'],
      entrypoint: '/var/runtime/bootstrap',
    }
  })
  return [...images, ...emulator]
}

async function ensure(python: StandInPython): Promise<void> {
  const images = imagesOf(python)
  const known = await Promise.all(images.flatMap(({ tags }) => tags.map(standInOf)))
  if (known.every((found) => found === VERSION || found === 'genuine')) return
  const folder = join(IMAGES, VERSION, python)
  if (!existsSync(folder)) await make(python, folder)
  // An archive of its own for each: a tag that somebody else has given is left out.
  for (const image of images) await load(image, folder)
  await removeOlder()
}

/** Removes what former versions have left. */
async function removeOlder(): Promise<void> {
  for (const name of readdirSync(IMAGES))
    if (name !== VERSION && name !== 'lock') await rm(join(IMAGES, name), { recursive: true, force: true })
  await run('docker', ['image', 'prune', '--force', '--filter', `label=${LABEL}`])
}

/** What the engine has under a tag: the version of a stand-in, `genuine` for any other image. */
async function standInOf(tag: string): Promise<string | undefined> {
  const format = `{{with .Config.Labels}}{{index . "${LABEL}"}}{{end}}`
  try {
    const { stdout } = await run('docker', ['image', 'inspect', '--format', format, tag])
    return stdout.trim() || 'genuine'
  } catch {
    return undefined
  }
}

/** Makes the layers of all images of a Python. */
async function make(python: StandInPython, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const work = await mkdtemp(`${folder}-`)
  try {
    const roots = ARCHITECTURES.map(({ docker }) => join(work, `${python}-${docker}`))
    for (const root of roots) mkdirSync(root)
    await Promise.all(
      ARCHITECTURES.map(({ docker }, index) =>
        run(join(SOURCES, 'make-root.sh'), [python, docker, roots[index] ?? '', ...PARTS[python]]),
      ),
    )
    const finished = join(work, 'finished')
    await mkdir(finished)
    for (const { docker } of ARCHITECTURES)
      for (const part of PARTS[python])
        for (const suffix of ['tar.gz', 'sha256'])
          await rename(
            join(work, `${python}-${docker}`, `${part}.${suffix}`),
            join(finished, `${part}-${docker}.${suffix}`),
          )
    await rename(finished, folder)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Loads an image under those of its tags that nobody else has taken. */
async function load({ tags, architecture, parts, entrypoint }: Image, folder: string): Promise<void> {
  const known = await Promise.all(tags.map(standInOf))
  const free = tags.filter((_, index) => known[index] !== 'genuine')
  if (free.length === 0) return
  const names = parts.map((part) => `${part}-${architecture.docker}`)
  const sums = await Promise.all(names.map((name) => readFile(join(folder, `${name}.sha256`), 'utf8')))
  const created = '1970-01-01T00:00:00Z'
  const config = {
    architecture: architecture.docker,
    ...(architecture.variant && { variant: architecture.variant }),
    os: 'linux',
    created,
    config: {
      ...(entrypoint && { Entrypoint: [entrypoint] }),
      WorkingDir: '/var/task',
      Labels: { [LABEL]: VERSION },
      Env: [...ENVIRONMENT, ...architecture.environment],
    },
    rootfs: { type: 'layers', diff_ids: sums.map((sum) => `sha256:${sum.trim()}`) },
    history: names.map((name) => ({ created, created_by: name })),
  }
  const manifest = [{ Config: 'config.json', RepoTags: free, Layers: names.map((name) => `${name}.tar.gz`) }]
  const head = await mkdtemp(join(folder, 'load-'))
  try {
    await writeFile(join(head, 'config.json'), JSON.stringify(config))
    await writeFile(join(head, 'manifest.json'), JSON.stringify(manifest))
    const files = [
      ['-C', head, 'config.json', 'manifest.json'],
      ['-C', folder, ...names.map((name) => `${name}.tar.gz`)],
    ]
    await loadArchive(['-cf', '-', ...files.flat()])
  } finally {
    await rm(head, { recursive: true, force: true })
  }
}

function loadArchive(tarArguments: readonly string[]): Promise<void> {
  const tar = spawn('tar', tarArguments, { stdio: ['ignore', 'pipe', 'inherit'] })
  const docker = spawn('docker', ['load', '--quiet'], { stdio: [tar.stdout, 'ignore', 'inherit'] })
  tar.stdout.destroy()
  return new Promise((resolve, reject) => {
    tar.once('error', reject)
    docker.once('error', reject)
    docker.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`docker load ended with ${code}.`)),
    )
  })
}

/** Waits until no other process makes images; the lock is gone with this process at the latest. */
function lock(): Promise<() => void> {
  mkdirSync(IMAGES, { recursive: true })
  const child = spawn('flock', [join(IMAGES, 'lock'), 'sh', '-c', 'echo locked; cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.stdout.once('data', () => resolve(() => child.stdin.end()))
  })
}
