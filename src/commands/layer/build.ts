import { BaseCommand } from '../../lib/cli/base-command.ts'
import { buildArgs, buildFlags } from '../../lib/cli/layer/build-flags.ts'
import { buildOptions, buildSteps } from '../../lib/cli/layer/build-command.ts'
import { progressView } from '../../lib/cli/progress/index.ts'
import type { BuildResult } from '../../lib/layer/build/build-options.ts'

export default class LayerBuild extends BaseCommand {
  static override summary = 'build a layer that imports in Lambda, without Docker where there are wheels'
  static override description =
    'Chooses wheels for exactly the runtime, puts them together without unpacking them, and judges the zip before it gets its name. The same wheels give the same bytes on every machine; when nothing has changed, nothing is done.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> psycopg2-binary pillow --python 3.12 --arch x86_64',
    '<%= config.bin %> <%= command.id %> -r uv.lock --name api --strip',
  ]
  static override args = buildArgs
  static override flags = buildFlags

  async run(): Promise<BuildResult> {
    const { args, flags } = await this.parse(LayerBuild)
    const { redactor, signal } = this
    const options = buildOptions(args.requirement ?? [], flags, { version: this.config.version, redactor })
    const view = await progressView(buildSteps(flags), {
      json: this.jsonEnabled(),
      redact: (text) => redactor.redact(text),
    })
    let done = false
    try {
      // The room is not loaded for other commands of the topic.
      const { buildLayer } = await import('../../lib/layer/build/build-layer.ts')
      const result = await buildLayer({ ...options, signal, onProgress: view.onProgress })
      for (const text of result.warnings) view.onProgress({ type: 'note', level: 'warning', text })
      done = true
      await view.finish(false)
      const { describeBuild } = await import('../../lib/cli/layer/build-text.ts')
      this.out(describeBuild(result))
      return result
    } finally {
      if (!done) await view.finish(true)
    }
  }
}
