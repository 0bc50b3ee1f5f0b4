import { string as stringArg } from '@oclif/core/args'
import { boolean, string } from '@oclif/core/flags'
import { AwsCommand, awsFlags } from '../../lib/cli/aws-command.ts'
import { EXIT_CODES } from '../../lib/cli/exit-codes.ts'
import { layerZip } from '../../lib/cli/layer/layer-flags.ts'
import { describeSizes, describeVerification } from '../../lib/cli/layer/verify-text.ts'
import { parseLayerArn } from '../../lib/layer/lambda/layer-arn.ts'
import type { DownloadLayer } from '../../lib/layer/verify/published.ts'
import { type ImportTest, verifyLayer, type VerifyLayerResult } from '../../lib/layer/verify/verify-layer.ts'

export default class LayerVerify extends AwsCommand {
  static override summary = 'prove that a layer works in Lambda, before it is uploaded'
  static override description =
    'Reads what is in the layer, and runs nothing of it but with --import. Ends with 1 when something would fail in production.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> layer.zip --python 3.12 --arch arm64',
    '<%= config.bin %> <%= command.id %> build/layer --files',
    '<%= config.bin %> <%= command.id %> --import',
    '<%= config.bin %> <%= command.id %> arn:aws:lambda:eu-central-1:123456789012:layer:psycopg2-py313-arm64:3',
  ]
  static override args = {
    layer: stringArg({
      description: 'a folder, a zip, or the ARN of a layer version (default: the layer built last)',
      ignoreStdin: true,
    }),
  }
  static override flags = {
    ...awsFlags,
    python: string({
      description: 'the Python of the runtime it is for (default: what it was built for)',
      helpValue: '3.13',
      multiple: true,
      multipleNonGreedy: true,
    }),
    arch: string({ description: 'arm64 or x86_64 (default: what it was built for)', helpValue: 'arm64' }),
    import: boolean({ description: "also import its packages in the runtime's image; needs Docker" }),
    image: string({
      description: "import in this image instead of the runtime's",
      helpValue: 'IMAGE',
      dependsOn: ['import'],
    }),
    files: boolean({ description: 'show what takes how much room: packages, then files' }),
  }

  async run(): Promise<Omit<VerifyLayerResult, 'files'> & { files?: VerifyLayerResult['files'] }> {
    const { args, flags } = await this.parse(LayerVerify)
    const path = args.layer ?? layerZip(undefined)
    const download: DownloadLayer = async (arn, options) => {
      const { fetchPublishedLayer } = await import('../../lib/layer/published.ts')
      // It is where it says; a region that was asked for is not overruled.
      const region = flags.region ?? parseLayerArn(arn)?.region
      return fetchPublishedLayer({ aws: await this.awsSession({ ...flags, region }), arn, ...options })
    }
    const importTest: ImportTest = async (layer, options) => {
      const { testImports } = await import('../../lib/layer/verify/import-test.ts')
      return testImports(layer, { ...options, image: flags.image, environment: this.settings.environment })
    }
    const { onProgress, signal } = this
    const result = await verifyLayer({
      path,
      pythons: flags.python,
      arch: flags.arch,
      download,
      importTest: flags.import ? importTest : undefined,
      // Files alone are read faster than one can follow.
      onProgress: parseLayerArn(path) || flags.import ? onProgress : undefined,
      signal,
    })
    if (flags.files) this.out(`${describeSizes(result)}\n`)
    this.out(describeVerification(result))
    if (!result.ok) process.exitCode = EXIT_CODES.failed
    const { files, ...rest } = result
    return flags.files ? { ...rest, files } : rest
  }
}
