import type { BuildRecord, LayerJson, LayerWheel } from '../layer-json.ts'
import type { Wheel } from '../wheel/open-wheel.ts'
import type { Verdict } from './build-options.ts'
import type { Built, KeptFile } from './build-missing.ts'
import type { Choice } from './choose-wheels.ts'
import { licenceOf } from './licence.ts'
import type { BuildPlan } from './plan-build.ts'
import type { WrittenLayer } from './write-layer.ts'

/** The file of a wheel. */
export interface WheelFile extends KeptFile {
  /** Where it came from; `undefined` when it was built here. */
  url?: string | undefined
}

/** What the `.layer.json` says of a wheel. */
export function describeWheel({ name, metadata }: Wheel, file: WheelFile | undefined): LayerWheel {
  const { url, sha256 = '', size } = file ?? {}
  return {
    name: metadata.name,
    version: metadata.version,
    fileName: name.file,
    sha256,
    size,
    licence: licenceOf(metadata),
    // What stands behind a question mark may be a key that lets one in.
    ...(url !== undefined && /^https?:[^?]*$/.test(url) ? { url } : {}),
  }
}

/** What came of a build. */
interface Outcome {
  choice: Choice
  wheels: LayerWheel[]
  built: Built
  written: WrittenLayer
  verdict: Verdict | undefined
}

/** What the `.layer.json` says: the same for the same build, wherever and whenever it was done. */
export function describeLayer(
  plan: BuildPlan,
  { choice, wheels, built, written, verdict }: Outcome,
): LayerJson {
  const { name, target, layout, builder, prune, keep, strip, key, resolutionKey, inputs, options } = plan
  const { image, libraries } = built
  const notReproducible =
    built.wheels.length > 0 ? `compiled in ${image?.reference}` : written.notReproducible
  const build: BuildRecord = {
    tool: options.tool,
    key,
    resolutionKey,
    pinned: choice.pinned,
    verified: verdict !== undefined,
    settled: choice.settled,
    ...(libraries.length > 0 ? { libraries: libraries.map(describeLibrary) } : {}),
    ...(notReproducible === undefined ? {} : { notReproducible }),
    packages: written.packages,
  }
  return {
    name,
    python: target.runtime.python,
    arch: target.architecture.name,
    builder: image ? 'docker' : 'wheels',
    wheels,
    image,
    options: { from: inputs.origin, builder, layout, prune, keep, strip },
    sizes: { zip: written.size, unzipped: written.unzippedSize },
    codeSha256: written.codeSha256,
    build,
  }
}

function describeLibrary({ fileName, sha256, size }: KeptFile): Omit<KeptFile, 'path'> {
  return { fileName, sha256, size }
}
