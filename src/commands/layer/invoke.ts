import { string as stringArg } from '@oclif/core/args'
import { boolean, integer, string } from '@oclif/core/flags'
import { maskArguments } from '../../lib/cli/argument-secrets.ts'
import { BaseCommand } from '../../lib/cli/base-command.ts'
import { duration } from '../../lib/cli/flags.ts'
import { functionVariables } from '../../lib/cli/layer/function-variables.ts'
import { readEvent } from '../../lib/cli/layer/read-event.ts'
import { progressView } from '../../lib/cli/progress/index.ts'
import { loadSettings } from '../../lib/config/settings.ts'
import { findArchitecture } from '../../lib/layer/architectures.ts'
import type { PullPolicy } from '../../lib/layer/docker/image.ts'
import type { InvokeResult } from '../../lib/layer/invoke/invoke-function.ts'
import { DEFAULT_PYTHON, findRuntime } from '../../lib/layer/runtimes.ts'

export default class LayerInvoke extends BaseCommand {
  static override summary = "run a function in its runtime's image, with a layer at /opt"
  static override description =
    'The answer goes to stdout, what the function writes to stderr. Ends with 1 when the function fails. Needs Docker.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> functions/post-confirmation --event event.json --layer layer.zip',
    '<%= config.bin %> <%= command.id %> functions/tasks --handler tasks.handler --env CONNECTION_URL --network host',
  ]
  static override args = {
    function: stringArg({
      description: "the folder with the function's code",
      required: true,
      ignoreStdin: true,
    }),
  }
  static override flags = {
    handler: string({
      description: 'FILE.FUNCTION, without .py',
      helpValue: 'app.handler',
      default: 'app.handler',
    }),
    event: string({ description: 'the event as JSON; - reads stdin (default: {})', helpValue: 'FILE' }),
    layer: string({
      description: 'a folder or zip; several in their order',
      helpValue: 'PATH',
      multiple: true,
      multipleNonGreedy: true,
    }),
    python: string({ description: 'the Python of the runtime', helpValue: '3.13', default: DEFAULT_PYTHON }),
    arch: string({ description: 'arm64 or x86_64', helpValue: 'arm64', default: 'arm64' }),
    env: string({
      description: 'a variable of the function; NAME alone passes on what the environment or .env has',
      helpValue: 'NAME[=VALUE]',
      multiple: true,
      multipleNonGreedy: true,
    }),
    timeout: duration({ description: 'how long the handler may take (default: 3s)' }),
    memory: integer({ description: 'MiB that it may use', helpValue: '512', min: 128, max: 10_240 }),
    network: string({
      description: "bridge, host, none or a network's name; host reaches servers on this machine",
      helpValue: 'NAME',
    }),
    image: string({ description: "run in this image instead of the runtime's", helpValue: 'IMAGE' }),
    pull: string({ description: 'when to fetch the image', options: ['missing', 'never', 'always'] }),
    emulate: boolean({ description: "let the engine's kernel run the other architecture's programs" }),
  }

  async run(): Promise<Omit<InvokeResult, 'answer'> & { answer: unknown }> {
    const { args, flags } = await this.parse(LayerInvoke)
    const settings = loadSettings({ directory: process.cwd(), environment: process.env })
    const variables = functionVariables(flags.env, settings)
    maskArguments(Object.values(variables), this.redactor)
    const { onProgress } = await progressView([], {
      json: this.jsonEnabled(),
      redact: (text) => this.redactor.redact(text),
    })
    // Only this command starts containers; the others of its topic do not load what does.
    const { invokeFunction } = await import('../../lib/layer/invoke/invoke-function.ts')
    const result = await invokeFunction({
      folder: args.function,
      handler: flags.handler,
      event: await readEvent(flags.event),
      layers: flags.layer,
      runtime: findRuntime(flags.python),
      architecture: findArchitecture(flags.arch),
      image: flags.image,
      pull: flags.pull as PullPolicy | undefined,
      register: flags.emulate,
      variables,
      timeout: flags.timeout,
      memory: flags.memory,
      network: flags.network,
      environment: settings.environment,
      onLog: (text) => onProgress({ type: 'output', stream: 'stderr', text }),
      onProgress,
      signal: this.signal,
    })
    this.out(result.answer)
    return { ...result, answer: JSON.parse(result.answer) as unknown }
  }
}
