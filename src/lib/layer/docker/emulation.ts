import { CruddurError } from '../../errors.ts'
import { runStep, type VerbOptions } from '../../progress.ts'
import { ARCHITECTURES, type ArchitectureName } from '../architectures.ts'
import { callDocker, dockerWords } from './docker-cli.ts'
import { howToEmulate } from './engine-help.ts'
import type { Engine } from './engine.ts'
import type { Image } from './image.ts'

/** An image that teaches a kernel to run other architectures' programs; the documentation of Docker names it. */
const HELPER = 'tonistiigi/binfmt'

/** How binfmt's helper calls the architectures. */
const NAMES: Readonly<Record<Image['platform'], string>> = { 'linux/arm64': 'arm64', 'linux/amd64': 'amd64' }

export interface EmulationOptions extends VerbOptions {
  /** Whether emulation may be set up; it changes the kernel that the engine runs on, so only when somebody asks for it. */
  register?: boolean | undefined
  /** The image that does it. */
  helper?: string | undefined
}

/** Whether the engine runs an image's programs by emulation. */
export function isEmulated(engine: Engine, { platform }: Pick<Image, 'platform'>): boolean {
  return architectureOf(platform) !== engine.architecture
}

/**
 * What an emulated program needs in its environment. qemu's own choice of a processor has pointer authentication, which is slow
 * to emulate: Python 3.13 takes six times as long (measured). Graviton2, which Lambda runs on, has none.
 */
export function emulationEnvironment(
  engine: Engine,
  image: Pick<Image, 'platform'>,
): Readonly<Record<string, string>> {
  return isEmulated(engine, image) && image.platform === 'linux/arm64' ? { QEMU_CPU: 'neoverse-n1' } : {}
}

/**
 * Sees to it that the engine can run an image's programs, by running one.
 * @throws {CruddurError} `EMULATION_MISSING`, `EMULATION_NOT_REGISTERED`, `IMAGE_UNUSABLE`
 * @throws {InterruptedError}
 */
export async function requireRunnable(
  engine: Engine,
  image: Image,
  options: EmulationOptions = {},
): Promise<void> {
  if (!isEmulated(engine, image) || (await runs(engine, image, options.signal))) return
  if (options.register) {
    await register(engine, image, options)
    if (await runs(engine, image, options.signal)) return
  }
  throw new CruddurError(
    `The Docker engine cannot run programs for ${image.platform}: nothing emulates it.`,
    {
      code: 'EMULATION_MISSING',
      hint: howToEmulate(engine.system, NAMES[image.platform]),
      details: { platform: image.platform, engine: engine.architecture ?? null },
    },
  )
}

/** @throws {CruddurError} `IMAGE_UNUSABLE` when it fails for another reason than its architecture */
async function runs(engine: Engine, image: Image, signal: AbortSignal | undefined): Promise<boolean> {
  const end = await callDocker(
    engine,
    [
      'run',
      '--rm',
      '--pull',
      'never',
      '--platform',
      image.platform,
      '--network',
      'none',
      '--entrypoint',
      '/bin/sh',
      image.id,
      '-c',
      ':',
    ],
    { signal },
  )
  if (end.code === 0) return true
  if (/exec format error/i.test(end.stderr)) return false
  throw new CruddurError(`The image ${image.reference} has no shell that runs.`, {
    code: 'IMAGE_UNUSABLE',
    hint: 'Name another image, e.g. one that is made from the base image of Lambda.',
    context: dockerWords(end.stderr),
    details: { image: image.reference },
  })
}

async function register(engine: Engine, { platform }: Image, options: EmulationOptions): Promise<void> {
  const { helper = HELPER, onProgress, signal } = options
  await runStep(onProgress, 'emulation', `Letting the engine run programs for ${platform}`, async () => {
    const args = ['run', '--privileged', '--rm', '--pull', 'missing', helper, '--install', NAMES[platform]]
    const end = await callDocker(engine, args, { signal })
    if (end.code === 0) return
    throw new CruddurError(`Emulation of ${platform} could not be set up.`, {
      code: 'EMULATION_NOT_REGISTERED',
      hint: howToEmulate(engine.system, NAMES[platform]),
      context: dockerWords(end.stderr),
      details: { platform, helper },
    })
  })
}

function architectureOf(platform: Image['platform']): ArchitectureName | undefined {
  return ARCHITECTURES.find((one) => one.platform === platform)?.name
}
