import { CruddurError } from '../../errors.ts'
import { ARCHITECTURES, type ArchitectureName } from '../architectures.ts'
import { callDocker, type DockerCli, dockerWords } from './docker-cli.ts'
import { howToPermit, howToStart } from './engine-help.ts'

/** An engine that answers. */
export interface Engine extends DockerCli {
  version: string
  /** What its programs run on without emulation; `undefined` when it is none of Lambda's. */
  architecture: ArchitectureName | undefined
  /** Whether root in its containers is an ordinary user outside, namely the one who started it. */
  rootless: boolean
}

export interface FindEngineOptions {
  /** The environment for docker: PATH, HOME, DOCKER_HOST, DOCKER_CONTEXT … */
  environment: DockerCli['environment']
  program?: string | undefined
  system?: NodeJS.Platform | undefined
  /** What can be done without Docker, as a sentence for messages. */
  otherwise?: string | undefined
  signal?: AbortSignal | undefined
  /** Milliseconds in which it must answer; 20 s by default. */
  timeout?: number | undefined
}

/** Milliseconds. An engine in a virtual machine that is waking up takes some seconds. */
const TIMEOUT = 20_000

/** What `docker info` tells, as far as it is used. */
interface Info {
  ServerVersion?: string
  Architecture?: string
  OSType?: string
  SecurityOptions?: string[]
  ServerErrors?: string[]
}

/**
 * Finds the engine that docker is set up for, and asks whether it is there.
 * @throws {CruddurError} `DOCKER_NOT_INSTALLED`, `DOCKER_NOT_RUNNING`, `DOCKER_NOT_PERMITTED`, `DOCKER_NOT_LINUX`
 * @throws {InterruptedError}
 */
export async function findEngine(options: FindEngineOptions): Promise<Engine> {
  const { environment, program = 'docker', system = process.platform, otherwise } = options
  const { signal, timeout = TIMEOUT } = options
  const docker: DockerCli = { program, environment, system, otherwise }
  const end = await callDocker(docker, ['info', '--format', '{{json .}}'], { signal, timeout })
  const info = parseInfo(end.stdout)
  const version = info.ServerVersion
  // Without an engine some versions end with 0 and tell the error in what they print.
  if (end.code !== 0 || !version || info.ServerErrors?.length)
    throw noAnswer(docker, [end.stderr, ...(info.ServerErrors ?? [])].join('\n'), end.code === null)
  if (info.OSType !== undefined && info.OSType !== 'linux')
    throw new CruddurError(`The Docker engine runs ${info.OSType} containers, and Lambda's are of Linux.`, {
      code: 'DOCKER_NOT_LINUX',
      hint: 'Switch Docker Desktop to Linux containers.',
      details: { system: info.OSType },
    })
  return {
    ...docker,
    version,
    architecture: ARCHITECTURES.find(({ wheel, name }) =>
      [wheel, name].some((one) => one === info.Architecture),
    )?.name,
    rootless: info.SecurityOptions?.some((option) => option.includes('rootless')) ?? false,
  }
}

function parseInfo(text: string): Info {
  try {
    return (JSON.parse(text) as Info | null) ?? {}
  } catch {
    return {}
  }
}

function noAnswer(docker: DockerCli, words: string, timedOut: boolean): CruddurError {
  const context = dockerWords(words)
  const refused = /permission denied/i.test(context)
  const host = docker.environment['DOCKER_HOST']
  const named = docker.environment['DOCKER_CONTEXT']
  const which = host ? ` at ${withoutPassword(host)}` : named ? ` in the context "${named}"` : ''
  const options = {
    kind: 'unreachable',
    context,
    details: { host: host ? withoutPassword(host) : null },
  } as const
  if (refused)
    return new CruddurError(`This user may not use the Docker engine${which}.`, {
      ...options,
      code: 'DOCKER_NOT_PERMITTED',
      hint: howToPermit(docker.system),
    })
  return new CruddurError(`No Docker engine answers${which}${timedOut ? ' in time' : ''}.`, {
    ...options,
    code: 'DOCKER_NOT_RUNNING',
    hint: [host && 'Check DOCKER_HOST, or unset it.', howToStart(docker.system), docker.otherwise]
      .filter(Boolean)
      .join(' '),
  })
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//')
}
