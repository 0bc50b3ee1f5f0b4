import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import {
  type Architecture,
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  GetLayerVersionCommand,
  LambdaClient,
  ListLayerVersionsCommand,
  type PublishLayerVersionCommandInput,
  PublishLayerVersionCommand,
  type Runtime,
} from '@aws-sdk/client-lambda'
import { makeZip } from '../layer/make-zip.ts'
import type { AwsEmulator } from './emulator.ts'
import { testAwsSession } from './session.ts'

const ROLE = 'lambda-role'

/** Lambda as a test looks at it: what there is, and what there is to begin with. */
export class TestLambda {
  readonly #emulator: AwsEmulator

  constructor(emulator: AwsEmulator) {
    this.#emulator = emulator
  }

  async #ask<T>(work: (client: LambdaClient) => Promise<T>): Promise<T> {
    const client = new LambdaClient(testAwsSession(this.#emulator).clientOptions)
    try {
      return await work(client)
    } finally {
      client.destroy()
    }
  }

  /** The versions of a layer, the newest first. */
  async versions(layer: string) {
    const { LayerVersions = [] } = await this.#ask((client) =>
      client.send(new ListLayerVersionsCommand({ LayerName: layer })),
    )
    return LayerVersions
  }

  /** The hash of a version's zip, in base64. */
  async sha256Of(layer: string, version: number): Promise<string | undefined> {
    const command = new GetLayerVersionCommand({ LayerName: layer, VersionNumber: version })
    return (await this.#ask((client) => client.send(command))).Content?.CodeSha256
  }

  /** Publishes a version of a layer; returns its ARN. */
  async publish(layer: string, more: Partial<PublishLayerVersionCommandInput> & { zip?: Uint8Array } = {}) {
    const { zip = makeZip([{ name: `python/${layer}.py`, content: 'x = 1\n', mode: 0o100_644 }]), ...input } =
      more
    const { LayerVersionArn = '' } = await this.#ask((client) =>
      client.send(
        new PublishLayerVersionCommand({
          LayerName: layer,
          Content: { ZipFile: zip },
          CompatibleRuntimes: ['python3.13'],
          CompatibleArchitectures: ['arm64'],
          ...input,
        }),
      ),
    )
    return LayerVersionArn
  }

  /** Makes a function with these layers. */
  async makeFunction(
    name: string,
    more: {
      layers?: string[]
      runtime?: Runtime
      architecture?: Architecture
      zip?: Uint8Array
      image?: string
    } = {},
  ): Promise<void> {
    const { layers = [], runtime = 'python3.13', architecture = 'arm64', image } = more
    const zip =
      more.zip ?? makeZip([{ name: 'app.py', content: 'def handler(e, c): pass\n', mode: 0o100_644 }])
    await this.#ask(async (client) =>
      client.send(
        new CreateFunctionCommand({
          FunctionName: name,
          Role: await this.#role(),
          Architectures: [architecture],
          ...(image === undefined
            ? { Code: { ZipFile: zip }, Handler: 'app.handler', Runtime: runtime, Layers: layers }
            : { Code: { ImageUri: image }, PackageType: 'Image' as const }),
        }),
      ),
    )
  }

  /** The ARNs of a function's layers. */
  async layersOf(name: string): Promise<(string | undefined)[]> {
    const { Layers = [] } = await this.#ask((client) =>
      client.send(new GetFunctionConfigurationCommand({ FunctionName: name })),
    )
    return Layers.map(({ Arn }) => Arn)
  }

  async #role(): Promise<string> {
    const iam = new IAMClient(testAwsSession(this.#emulator).clientOptions)
    try {
      const policy = JSON.stringify({ Version: '2012-10-17', Statement: [] })
      await iam
        .send(new CreateRoleCommand({ RoleName: ROLE, AssumeRolePolicyDocument: policy }))
        .catch(() => undefined)
      return `arn:aws:iam::123456789012:role/${ROLE}`
    } finally {
      iam.destroy()
    }
  }
}
