import {
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  paginateListFunctions,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { isAwsError } from '../../aws/errors.ts'
import { ServiceClient } from '../../aws/service-client.ts'
import type { AwsSession } from '../../aws/session.ts'
import { CruddurError } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import { explainRefusal } from './lambda-errors.ts'
import { fromConfiguration, functionPolicy, type LambdaFunction } from './lambda-function.ts'

/** The functions of a region. Loads the SDK: to be imported when it is needed. */
export class Functions extends ServiceClient<LambdaClient> {
  constructor(aws: AwsSession, signal?: AbortSignal) {
    super('lambda', new LambdaClient(aws.clientOptions), aws, signal)
  }

  /**
   * A function by its name or ARN.
   * @throws {CruddurError} `FUNCTION_NOT_FOUND`, with the near one
   */
  async get(name: string): Promise<LambdaFunction> {
    const command = new GetFunctionConfigurationCommand({ FunctionName: name })
    try {
      return fromConfiguration(
        await this.call('GetFunctionConfiguration', name, functionPolicy(name), (client, sending) =>
          client.send(command, sending),
        ),
      )
    } catch (error) {
      throw isAwsError(error, 'ResourceNotFound') ? await this.#notFound(name) : error
    }
  }

  /** Where the zip of a function can be had for ten minutes; `undefined` when Lambda does not tell. Never to be shown. */
  async codeLocation(name: string): Promise<string | undefined> {
    const command = new GetFunctionCommand({ FunctionName: name })
    const { Code } = await this.call('GetFunction', name, functionPolicy(name), (client, sending) =>
      client.send(command, sending),
    )
    return Code?.Location
  }

  /** All functions of the region, by name. */
  async list(): Promise<LambdaFunction[]> {
    const pages = await this.call('ListFunctions', '*', '*', (client, sending) =>
      Array.fromAsync(paginateListFunctions({ client }, {}, sending)),
    )
    return pages
      .flatMap(({ Functions: functions = [] }) => functions.map(fromConfiguration))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  /**
   * Asks Lambda to give a function these layers instead of those that it has.
   * @param arns of versions, in their order
   * @returns whether it was taken; not while something else goes on, or when the function is not any more as it was read
   * @throws {CruddurError} see `lambda-errors.ts`, and `AWS_…`
   */
  async setLayers({ arn, name, revisionId }: LambdaFunction, arns: readonly string[]): Promise<boolean> {
    const command = new UpdateFunctionConfigurationCommand({
      FunctionName: arn,
      Layers: [...arns],
      RevisionId: revisionId,
    })
    try {
      await this.call('UpdateFunctionConfiguration', name, functionPolicy(name), (client, sending) =>
        client.send(command, sending),
      )
      return true
    } catch (error) {
      if (isAwsError(error, 'ResourceConflict') || isAwsError(error, 'PreconditionFailed')) return false
      throw explainRefusal(error)
    }
  }

  async #notFound(name: string): Promise<CruddurError> {
    const { region, regionSource } = this.aws
    const known = await this.list().catch(() => [])
    const names = known.map((one) => one.name)
    const near = nearest(name, names)
    return new CruddurError(`There is no function "${name}" in ${region} (from ${regionSource}).`, {
      code: 'FUNCTION_NOT_FOUND',
      hint: near === undefined ? 'Is it the right region and account?' : `Did you mean "${near}"?`,
      details: { function: name, region, functions: names },
    })
  }
}
