import { boolean, string } from '@oclif/core/flags'
import { AwsCommand, awsFlags } from '../../lib/cli/aws-command.ts'
import { confirmBucket } from '../../lib/cli/layer/confirm-bucket.ts'
import { dryRunFlag, layerZip, targetFlags, zipArgs } from '../../lib/cli/layer/layer-flags.ts'
import { describePublication } from '../../lib/cli/layer/publish-text.ts'
import { publishLayer, type PublishResult } from '../../lib/layer/publish.ts'
import { verifyBeforePublishing } from '../../lib/layer/publish/verify-before.ts'

export default class LayerPublish extends AwsCommand {
  static override summary = 'publish a built layer as a new version, after verifying it'
  static override description =
    'Does nothing when the newest version has the same bytes and is for the same. A zip of more than 50 MB goes through S3, by a bucket of the account that is created when you agree.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> layer.zip --name pillow --python 3.13 --arch arm64',
    '<%= config.bin %> <%= command.id %> --create-bucket',
  ]
  static override args = zipArgs
  static override flags = {
    ...awsFlags,
    ...targetFlags,
    description: string({ description: "instead of the packages' names and versions", helpValue: 'TEXT' }),
    license: string({ description: "instead of the packages' licences", helpValue: 'SPDX' }),
    bucket: string({ description: 'send it through this bucket', helpValue: 'NAME' }),
    'create-bucket': boolean({ description: "create the account's own bucket if it is needed" }),
    'keep-object': boolean({ description: 'leave the zip in the bucket' }),
    force: boolean({ description: 'publish what verify finds wrong' }),
    ...dryRunFlag,
  }

  async run(): Promise<PublishResult> {
    const { args, flags } = await this.parse(LayerPublish)
    const zip = layerZip(args.zip)
    const result = await publishLayer({
      aws: await this.awsSession(flags),
      zip,
      name: flags.name,
      pythons: flags.python,
      architectures: flags.arch,
      description: flags.description,
      licence: flags.license,
      bucket: flags.bucket,
      createBucket: flags['create-bucket'] || confirmBucket(this.signal),
      keepObject: flags['keep-object'],
      pathStyle: ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3'].some((name) => this.settings.find(name)),
      verify: verifyBeforePublishing,
      force: flags.force,
      dryRun: flags['dry-run'],
      onProgress: this.onProgress,
      signal: this.signal,
    })
    this.out(describePublication(result))
    return result
  }
}
