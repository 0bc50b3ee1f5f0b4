import { string as stringArg } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { AwsCommand, awsFlags } from '../../lib/cli/aws-command.ts'
import { describeLayers } from '../../lib/cli/layer/publish-text.ts'
import { listLayers, type ListResult } from '../../lib/layer/list.ts'

/** Characters of a line where there is no terminal to fit it into. */
const ANY_WIDTH = 1000

export default class LayerList extends AwsCommand {
  static override summary = 'list the published layers with their newest versions'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> psycopg2-py313-arm64 --versions --functions',
  ]
  static override args = {
    name: stringArg({ description: 'only this layer', ignoreStdin: true }),
  }
  static override flags = {
    ...awsFlags,
    versions: boolean({ description: 'all versions of the layer' }),
    functions: boolean({ description: 'which functions use which version' }),
  }

  async run(): Promise<ListResult> {
    const { args, flags } = await this.parse(LayerList)
    if (flags.versions && args.name === undefined)
      this.error('--versions needs the name of a layer.', { exit: 2 })
    const result = await listLayers({
      aws: await this.awsSession(flags),
      name: args.name,
      versions: flags.versions,
      functions: flags.functions,
      signal: this.signal,
    })
    for (const line of describeLayers(result, process.stdout.columns ?? ANY_WIDTH)) this.out(line)
    return result
  }
}
