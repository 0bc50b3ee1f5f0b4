import { string as stringArg } from '@oclif/core/args'
import { string } from '@oclif/core/flags'
import { BaseCommand } from '../../lib/cli/base-command.ts'
import { layerZip, targetFlags, zipArgs } from '../../lib/cli/layer/layer-flags.ts'
import {
  CDK_LANGUAGES,
  type CdkLanguage,
  layerSnippet,
  SNIPPET_TOOLS,
  type SnippetResult,
  type SnippetTool,
} from '../../lib/layer/snippet.ts'

export default class LayerSnippet extends BaseCommand {
  static override summary = 'print the definition that uses a built layer: CDK, Terraform or SAM'
  static override examples = [
    '<%= config.bin %> <%= command.id %> terraform > layer.tf',
    '<%= config.bin %> <%= command.id %> cdk --language python',
  ]
  static override args = {
    tool: stringArg({
      description: SNIPPET_TOOLS.join(', '),
      options: [...SNIPPET_TOOLS],
      required: true,
      ignoreStdin: true,
    }),
    ...zipArgs,
  }
  static override flags = {
    ...targetFlags,
    language: string({
      description: 'what the CDK is written in',
      options: [...CDK_LANGUAGES],
      default: 'typescript',
    }),
    directory: string({
      description: 'the folder that the definition will stand in (default: this one)',
      helpValue: 'FOLDER',
    }),
  }

  async run(): Promise<SnippetResult> {
    const { args, flags } = await this.parse(LayerSnippet)
    const result = await layerSnippet({
      tool: args.tool as SnippetTool,
      language: flags.language as CdkLanguage,
      zip: layerZip(args.zip),
      directory: flags.directory ?? process.cwd(),
      name: flags.name,
      pythons: flags.python,
      architectures: flags.arch,
      signal: this.signal,
    })
    this.out(result.text)
    return result
  }
}
