import { parseWheelName } from '../wheel/wheel-name.ts'
import type { Target } from '../resolve/target.ts'
import { runtimeLibraries } from '../verify/link/runtime-libraries.ts'
import type { BuildWheels } from './build-options.ts'
import { buildWithDocker } from './docker-builder.ts'

/** Builds wheels in the runtime's image, with the index that the build has. */
export const dockerWheels: BuildWheels = async ({ target, index, environment, ...options }) => {
  const { runtime, architecture } = target
  const { indexUrl, extraIndexUrls = [], findLinks = [], noIndex } = index
  const { wheels, libraries, image } = await buildWithDocker({
    ...options,
    runtime,
    architecture,
    runtimeLibraries: surelyThere(target),
    environment: {
      ...environment,
      ...(indexUrl === undefined ? {} : { PIP_INDEX_URL: indexUrl }),
      ...(extraIndexUrls.length > 0 ? { PIP_EXTRA_INDEX_URL: extraIndexUrls.join(' ') } : {}),
      ...(findLinks.length > 0 ? { PIP_FIND_LINKS: findLinks.join(' ') } : {}),
      ...(noIndex ? { PIP_NO_INDEX: '1' } : {}),
    },
  })
  return {
    wheels: wheels.map(({ file, path }) => ({ fileName: file, path, name: parseWheelName(file).name })),
    libraries: libraries.map(({ name, path }) => ({ fileName: name, path })),
    // What no registry has is told by its own digest.
    image: { reference: image.reference, digest: image.digest ?? image.id },
  }
}

/** What perhaps only the container image has is brought along; Python's own library must be the runtime's. */
function surelyThere({ runtime, architecture }: Target): Set<string> {
  const known = [...runtimeLibraries(runtime, architecture)]
  return new Set(
    known.filter(([name, how]) => how !== 'unsure' || name.startsWith('libpython')).map(([name]) => name),
  )
}
