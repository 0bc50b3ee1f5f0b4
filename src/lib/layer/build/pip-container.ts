import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { CruddurError } from '../../errors.ts'
import type { Architecture } from '../architectures.ts'
import { containerUser, handOver } from '../docker/container-user.ts'
import type { Engine } from '../docker/engine.ts'
import type { Image } from '../docker/image.ts'
import { type ContainerEnd, runContainer } from '../docker/run-container.ts'
import type { Runtime } from '../runtimes.ts'
import type { DockerBuildOptions } from './docker-builder.ts'
import { collectPipSettings } from './pip-settings.ts'

/** Where a build is done. */
export interface BuildPlace {
  engine: Engine
  /** A folder of this machine. */
  work: string
  /** What is built, for messages. */
  what: string
  timeout: number
}

/** Where the folder is in the container. */
const WORK = '/work'

/** What the image says when it is not what it should be; no program ends with it by itself. */
const WRONG_IMAGE = 96

/** Before an hour of work it is looked at what the image is: a label may say anything. */
const SCRIPT = `
found=$(python3 -c 'import platform, sys; print("%d.%d" % sys.version_info[:2], platform.machine())') || exit
if [ "$found" != "$0" ]; then
  echo "$found"
  exit ${WRONG_IMAGE}
fi
exec python3 -m pip wheel "$@"
`

/**
 * Runs `pip wheel` in a container; the wheels are then in the folder `wheels` of the place.
 * @returns what pip said when it failed, with passwords masked
 * @throws {CruddurError} `BUILD_WRONG_IMAGE`, `BUILD_TIMEOUT`, `BUILD_OUT_OF_MEMORY`, and as `runContainer`
 */
export async function runPip(
  place: BuildPlace,
  image: Image,
  options: DockerBuildOptions,
): Promise<string | undefined> {
  const { engine, work } = place
  const { runtime, architecture, requirements = [], requirementFiles = [], dependencies = true } = options
  await rm(work, { recursive: true, force: true })
  for (const folder of ['wheels', 'home', 'tmp', 'settings'])
    await mkdir(join(work, folder), { recursive: true, mode: 0o700 })
  await writeFile(join(work, 'requirements.txt'), requirements.map((one) => `${one}\n`).join(''))
  const settings = await collectPipSettings({
    environment: options.environment,
    home: options.home,
    folder: join(work, 'settings'),
    target: `${WORK}/settings`,
    system: engine.system,
  })
  const user = containerUser(engine)
  await handOver(work, user)
  const files = requirementFiles.map((path) => resolve(path))
  const end = await runContainer(engine, {
    image,
    purpose: 'build',
    command: [
      '/bin/sh',
      '-c',
      SCRIPT,
      `${runtime.python} ${architecture.wheel}`,
      `--wheel-dir=${WORK}/wheels`,
      ...(dependencies ? [] : ['--no-deps']),
      ...(requirements.length === 0 ? [] : [`--requirement=${WORK}/requirements.txt`]),
      ...files.map((path, index) => `--requirement=/requirements/${index}/${basename(path)}`),
    ],
    environment: {
      ...settings.environment,
      HOME: `${WORK}/home`,
      TMPDIR: `${WORK}/tmp`,
      PIP_NO_CACHE_DIR: '1',
      PIP_NO_INPUT: '1',
      PIP_DISABLE_PIP_VERSION_CHECK: '1',
      PIP_PROGRESS_BAR: 'off',
      PIP_NO_COLOR: '1',
      // 1 January 1980, the first day that zips know: two builds are to give the same bytes.
      SOURCE_DATE_EPOCH: '315532800',
    },
    mounts: [
      { source: work, target: WORK, readOnly: false },
      ...files.map((path, index) => ({ source: dirname(path), target: `/requirements/${index}` })),
      ...settings.mounts,
    ],
    workingFolder: WORK,
    network: options.network ?? settings.network,
    timeout: place.timeout,
    signal: options.signal,
    onStdout: tellWheels(options),
  })
  const output = masked(`${end.stdout}\n${end.stderr}`, settings.secrets)
  requireWhole(end, place, image)
  if (end.code === WRONG_IMAGE) throw wrongImage(image, end.stdout, runtime, architecture)
  return end.code === 0 ? undefined : output
}

/** Tells which wheel is being built; compiling one may take minutes. */
function tellWheels({ onProgress }: DockerBuildOptions): (bytes: Buffer) => void {
  let rest = ''
  return (bytes) => {
    const lines = (rest + bytes.toString('utf8')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const name = /^\s*Building wheel for (\S+)[^:]*: started/.exec(line)?.[1]
      if (name !== undefined) onProgress?.({ type: 'note', level: 'info', text: `compiling ${name}` })
    }
  }
}

function requireWhole({ stopped, outOfMemory }: ContainerEnd, place: BuildPlace, image: Image): void {
  if (stopped)
    throw new CruddurError(`Building ${place.what} took longer than ${Math.round(place.timeout / 1000)} s.`, {
      code: 'BUILD_TIMEOUT',
      hint: 'Emulated compilers are slow: build on a machine of the architecture, or take a version that has a wheel.',
      details: { image: image.reference },
    })
  if (outOfMemory)
    throw new CruddurError(
      `Building ${place.what} was ended by the kernel: the engine's memory was used up.`,
      {
        code: 'BUILD_OUT_OF_MEMORY',
        hint: 'Give the virtual machine of the engine more memory, or take a version that has a wheel.',
        details: { image: image.reference },
      },
    )
}

function wrongImage(image: Image, found: string, { python }: Runtime, { wheel }: Architecture): CruddurError {
  return new CruddurError(
    `${image.reference} has Python ${found.trim()}, and wanted is ${python} ${wheel}.`,
    {
      code: 'BUILD_WRONG_IMAGE',
      hint: 'Name an image of this Python and this architecture, e.g. one that is made from the base image of Lambda.',
      details: { image: image.reference, found: found.trim(), wanted: `${python} ${wheel}` },
    },
  )
}

function masked(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '********'), text)
}
