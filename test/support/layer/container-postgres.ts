import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { TEST_MAJOR } from '../major.ts'
import { type PostgresServer, type PostgresServerOptions, startPostgres } from '../postgres-server.ts'
import { missingDocker, runtimeImage } from './images.ts'

/** This machine's name in containers. */
const HOST = 'host.docker.internal'

/** Where containers find this machine, if there is an engine. Its bridge is no interface that Node knows while no container runs. */
async function hostInContainers(): Promise<string[]> {
  if (missingDocker() !== undefined) return []
  const options = ['--rm', '--pull', 'never', '--add-host', `${HOST}:host-gateway`, '--entrypoint', 'cat']
  const image = runtimeImage('3.13', 'x86_64')
  const { stdout } = await promisify(execFile)('docker', ['run', ...options, image, '/etc/hosts'])
  return stdout
    .split('\n')
    .map((line) => line.split(/\s+/))
    .filter(([, name]) => name === HOST)
    .map(([address = '']) => address)
}

/**
 * Starts a server that containers reach, and which asks for a password. Where Docker runs in a virtual machine, they come in from this
 * machine itself, and the address that they know it by is passed over with a warning. The image of 3.13 must be there.
 */
export async function startContainerPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const addresses = ['127.0.0.1', ...(await hostInContainers())]
  return startPostgres({
    major: TEST_MAJOR,
    auth: 'scram-sha-256',
    ...options,
    settings: { listen_addresses: addresses.join(','), ...options.settings },
  })
}

/** A URL of this machine as containers see it. */
export function containerUrl(url: string): string {
  const changed = new URL(url)
  changed.hostname = HOST
  return changed.href
}
