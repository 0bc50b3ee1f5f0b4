import { CruddurError, type ErrorKind } from '../../errors.ts'
import { runStep, type VerbOptions } from '../../progress.ts'
import type { Architecture } from '../architectures.ts'
import { callDocker, dockerWords } from './docker-cli.ts'
import type { Engine } from './engine.ts'

export interface PullOptions extends VerbOptions {
  reference: string
  platform: Architecture['platform']
}

interface Failure {
  words: RegExp
  code: string
  kind: ErrorKind
  hint: string
}

/** What docker says when it cannot fetch an image, the more special first. */
const FAILURES: readonly Failure[] = [
  {
    words: /no matching manifest|manifest unknown|not found|does not exist/i,
    code: 'IMAGE_NOT_FOUND',
    kind: 'failed',
    hint: 'Check the name of the image, and whether it is there for this architecture.',
  },
  {
    words: /denied|unauthorized|authentication required|no basic auth|toomanyrequests/i,
    code: 'IMAGE_DENIED',
    kind: 'failed',
    hint: 'Log in to the registry: docker login. An expired login to public.ecr.aws is refused too: docker logout public.ecr.aws.',
  },
  {
    words:
      /dial tcp|no such host|timeout|connection refused|connection reset|x509|EOF|unreachable|proxyconnect/i,
    code: 'IMAGE_UNREACHABLE',
    kind: 'unreachable',
    hint: 'Check the network; a proxy has to be set up with the engine. Images that are there are used with --pull never.',
  },
]

/**
 * Fetches an image from its registry.
 * @throws {CruddurError} `IMAGE_NOT_FOUND`, `IMAGE_DENIED`, `IMAGE_UNREACHABLE`, `IMAGE_NOT_PULLED`
 * @throws {InterruptedError}
 */
export async function pullImage(engine: Engine, options: PullOptions): Promise<void> {
  const { reference, platform, onProgress, signal } = options
  await runStep(onProgress, 'pull', `Fetching the image ${reference}`, async () => {
    const layers = { found: 0, done: 0 }
    const onLine = (line: string) => {
      if (line.endsWith(': Pulling fs layer')) layers.found += 1
      if (!/: (?:Pull complete|Already exists)$/.test(line)) return
      layers.done += 1
      const text = `${reference}: layer ${layers.done} of ${Math.max(layers.found, layers.done)}`
      onProgress?.({ type: 'note', level: 'info', text })
    }
    const end = await callDocker(engine, ['pull', '--platform', platform, reference], { signal, onLine })
    if (end.code !== 0) throw notPulled(options, dockerWords(end.stderr))
  })
}

function notPulled({ reference, platform }: PullOptions, words: string): CruddurError {
  const { code, kind, hint } = FAILURES.find((failure) => failure.words.test(words)) ?? {
    code: 'IMAGE_NOT_PULLED',
    kind: 'failed' as const,
    hint: `See what docker pull --platform ${platform} ${reference} says.`,
  }
  return new CruddurError(`The image ${reference} for ${platform} could not be fetched.`, {
    code,
    kind,
    hint,
    context: words,
    details: { image: reference, platform },
  })
}
