import { join } from 'node:path'
import { string as stringArg } from '@oclif/core/args'
import { boolean, string } from '@oclif/core/flags'
import { findProjectRoot } from '../../config/project.ts'
import { newestLayer } from '../../layer/newest-layer.ts'
import { LAYER_OUTPUT_FOLDER } from '../../layer/output-folder.ts'

/** The zip of a built layer. */
export const zipArgs = {
  zip: stringArg({ description: "the layer's zip (default: the layer built last)", ignoreStdin: true }),
}

/** What a zip is for, where no build has written it down. */
export const targetFlags = {
  name: string({ description: 'the name of the layer (default: that of the build)', helpValue: 'NAME' }),
  python: string({
    description: 'the Python that it is for (default: what it was built for)',
    helpValue: '3.13',
    multiple: true,
    multipleNonGreedy: true,
  }),
  arch: string({
    description: 'arm64 or x86_64 (default: what it was built for)',
    helpValue: 'arm64',
    multiple: true,
    multipleNonGreedy: true,
  }),
}

export const dryRunFlag = { 'dry-run': boolean({ description: 'only say what would be done' }) }

/**
 * The zip that is named, else that of the layer built last.
 * @throws {UsageError} `NO_LAYER_BUILT`
 */
export function layerZip(named: string | undefined): string {
  return named ?? newestLayer(join(findProjectRoot(process.cwd()), LAYER_OUTPUT_FOLDER))
}
