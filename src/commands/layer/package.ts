import { basename, resolve } from 'node:path'
import { string as stringArg } from '@oclif/core/args'
import { string } from '@oclif/core/flags'
import { AwsCommand } from '../../lib/cli/aws-command.ts'
import { dryRunFlag } from '../../lib/cli/layer/layer-flags.ts'
import { describePackage } from '../../lib/cli/layer/publish-text.ts'
import { packageFunction, type PackageResult } from '../../lib/layer/package.ts'

export default class LayerPackage extends AwsCommand {
  static override summary = "pack a function's own code into a zip, which has the same bytes each time"
  static override description =
    'Packages belong into the layer. Left out is what is no part of a function: caches, version control, virtual environments, .env.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> examples/post-confirmation --handler app.handler',
    '<%= config.bin %> <%= command.id %> shop --layer .cruddur/layers/psycopg2-py313-arm64.zip --exclude tests',
  ]
  static override args = {
    folder: stringArg({
      description: "the folder of the function's code",
      required: true,
      ignoreStdin: true,
    }),
  }
  static override flags = {
    out: string({ description: 'the zip (default: FOLDER.zip, here)', helpValue: 'FILE' }),
    exclude: string({
      description: 'leave out what is called so, or lies there: tests, docs/*.md',
      helpValue: 'PATTERN',
      multiple: true,
      multipleNonGreedy: true,
    }),
    handler: string({ description: 'make sure that this handler is there', helpValue: 'app.handler' }),
    layer: string({
      description: 'the zip of a layer that the function is to have: sizes are checked together',
      helpValue: 'ZIP',
      multiple: true,
      multipleNonGreedy: true,
    }),
    ...dryRunFlag,
  }

  async run(): Promise<PackageResult> {
    const { args, flags } = await this.parse(LayerPackage)
    const result = await packageFunction({
      folder: args.folder,
      out: flags.out ?? `${basename(resolve(args.folder))}.zip`,
      excludes: flags.exclude,
      handler: flags.handler,
      layers: flags.layer,
      dryRun: flags['dry-run'],
      onProgress: this.onProgress,
      signal: this.signal,
    })
    for (const warning of result.warnings) this.note(warning)
    for (const line of describePackage(result)) this.out(line)
    return result
  }
}
