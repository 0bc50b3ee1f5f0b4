import { execFileSync } from 'node:child_process'
import { findArchitecture } from '../../../src/lib/layer/architectures.ts'
import { type Engine, findEngine } from '../../../src/lib/layer/docker/engine.ts'
import { type Image, obtainImage } from '../../../src/lib/layer/docker/image.ts'
import { runtimeImage, type StandInArchitecture } from './images.ts'

/** The environment in which tests call docker. */
export const DOCKER_ENVIRONMENT: Readonly<Record<string, string | undefined>> = process.env

/** The engine of this machine. */
export const testEngine = (): Promise<Engine> => findEngine({ environment: DOCKER_ENVIRONMENT })

/** The stand-in for the image of Python 3.13. */
export function testImage(engine: Engine, architecture: StandInArchitecture): Promise<Image> {
  return obtainImage(engine, {
    reference: runtimeImage('3.13', architecture),
    architecture: findArchitecture(architecture),
    pull: 'never',
  })
}

/** What docker says, without its end of line. */
export function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: 'pipe' }).trim()
}

/** The names of the containers that a process has made and that are there, running or not. */
export function containersOf(pid: number = process.pid): string[] {
  const names = docker('ps', '--all', '--filter', `label=cruddur.pid=${pid}`, '--format', '{{.Names}}')
  return names.split('\n').filter(Boolean)
}

/** Waits until something is so. */
export async function until(condition: () => boolean, milliseconds = 30_000): Promise<void> {
  for (const end = Date.now() + milliseconds; !condition();) {
    if (Date.now() > end) throw new Error('It did not come true in time.')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
