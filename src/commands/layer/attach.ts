import { basename } from 'node:path'
import { string as stringArg } from '@oclif/core/args'
import { string } from '@oclif/core/flags'
import { AwsCommand, awsFlags } from '../../lib/cli/aws-command.ts'
import { EXIT_CODES } from '../../lib/cli/exit-codes.ts'
import { duration } from '../../lib/cli/flags.ts'
import { dryRunFlag, layerZip } from '../../lib/cli/layer/layer-flags.ts'
import { describeAttachments } from '../../lib/cli/layer/publish-text.ts'
import { describeError } from '../../lib/cli/report.ts'
import { attachLayer, type AttachResult } from '../../lib/layer/attach.ts'

export default class LayerAttach extends AwsCommand {
  static override summary = 'attach a published layer to functions, in place of its older version'
  static override description =
    'The other layers of a function stay, in their order. Runtime, architecture, the number of layers and the 250 MB of function and layers are checked before anything is changed; then it is waited until the change is in effect. Ends with 1 when one of several functions could not be changed.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> post-confirmation',
    '<%= config.bin %> <%= command.id %> post-confirmation task-processor --layer psycopg2-py313-arm64',
  ]
  static override strict = false
  static override args = {
    function: stringArg({ description: 'names or ARNs of functions', required: true, ignoreStdin: true }),
  }
  static override flags = {
    ...awsFlags,
    layer: string({
      description: 'its name, for the newest version, or an ARN (default: the layer built last)',
      helpValue: 'NAME|ARN',
    }),
    timeout: duration({ description: 'wait no longer than this for each', helpValue: '5m' }),
    ...dryRunFlag,
  }

  async run(): Promise<unknown> {
    const { argv, flags } = await this.parse(LayerAttach)
    const result = await attachLayer({
      aws: await this.awsSession(flags),
      functions: argv as string[],
      layer: flags.layer ?? basename(layerZip(undefined), '.zip'),
      timeout: flags.timeout,
      dryRun: flags['dry-run'],
      onProgress: this.onProgress,
      signal: this.signal,
    })
    for (const line of describeAttachments(result)) this.out(line)
    if (result.functions.some(({ outcome }) => outcome === 'failed')) process.exitCode = EXIT_CODES.failed
    return forJson(result)
  }
}

/** Errors as `--json` shows them elsewhere. */
function forJson(result: AttachResult) {
  const functions = result.functions.map((one) =>
    one.outcome === 'failed' ? { ...one, error: describeError(one.error) } : one,
  )
  return { ...result, functions }
}
