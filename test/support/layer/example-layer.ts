import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cruddur } from '../cli.ts'
import { ROOT } from '../markdown.ts'
import type { StandInArchitecture, StandInPython } from './images.ts'
import { requireWheels } from './wheels.ts'

/** The folder of an example function. */
export function exampleFolder(name: 'post-confirmation' | 'task-processor'): string {
  return join(ROOT, 'examples', name)
}

/** Layers that `cruddur layer build` makes of what an example requires; `remove` takes them away. */
export class ExampleLayers {
  readonly #folder = mkdtempSync(join(tmpdir(), 'cruddur-example-layers-'))
  readonly #built = new Map<string, Promise<string>>()

  /**
   * Builds a layer, once. The wheel is the one that the tests have pinned, and no index is asked.
   * @returns the path of its zip
   */
  build(
    python: StandInPython,
    architecture: StandInArchitecture,
    skip: (reason: string) => void,
  ): Promise<string> {
    const target = `${python}-${architecture}`
    const built = this.#built.get(target) ?? this.#make(python, architecture, skip)
    this.#built.set(target, built)
    return built
  }

  async #make(
    python: StandInPython,
    architecture: StandInArchitecture,
    skip: (reason: string) => void,
  ): Promise<string> {
    const digits = python.replace('.', '') as '311' | '313'
    const [wheel = ''] = await requireWheels([`psycopg2-binary-2.9.13-cp${digits}-${architecture}`], skip)
    const wheels = mkdtempSync(join(this.#folder, 'wheels-'))
    copyFileSync(wheel, join(wheels, wheel.replace(/^.*\//, '')))
    const requirements = join(exampleFolder('post-confirmation'), 'requirements.txt')
    const target = ['--python', python, '--arch', architecture, '--builder', 'wheels']
    const name = `psycopg2-py${digits}-${architecture}`
    const { code, stdout, stderr } = await cruddur(
      ['layer', 'build', '-r', requirements, ...target, '--name', name, '--out', this.#folder, '--json'],
      {
        directory: this.#folder,
        env: {
          PIP_NO_INDEX: '1',
          PIP_FIND_LINKS: wheels,
          XDG_CACHE_HOME: join(this.#folder, 'cache'),
        },
      },
    )
    if (code !== 0) throw new Error(`cruddur layer build ended with ${code}:\n${stderr}${stdout}`)
    return (JSON.parse(stdout) as { zip: string }).zip
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
