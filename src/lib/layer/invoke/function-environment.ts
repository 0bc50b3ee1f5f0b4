import { basename, resolve } from 'node:path'
import { UsageError } from '../../errors.ts'
import type { InvokeOptions } from './invoke-function.ts'

/** Lambda sets these, and refuses them as variables of a function ("Defined runtime environment variables", reserved). */
const RESERVED =
  /^(?:_HANDLER|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR|AWS_EXECUTION_ENV|AWS_LAMBDA_\w+|CRUDDUR_\w+)$/

/**
 * Checks that none of a function's variables is one that Lambda sets itself.
 * @throws {UsageError} `INVALID_VARIABLE`
 */
export function requireVariables(variables: Readonly<Record<string, string>>): void {
  const reserved = Object.keys(variables).find((name) => RESERVED.test(name))
  if (reserved !== undefined)
    throw new UsageError(`${reserved} is set by Lambda, and cannot be a variable of a function.`, {
      code: 'INVALID_VARIABLE',
      hint: 'Leave it out.',
    })
}

/** What a function's variables go by. */
type EnvironmentOptions = Pick<InvokeOptions, 'folder' | 'handler' | 'runtime' | 'variables' | 'memory'>

/** What Lambda sets for every function, and the function's own ("Defined runtime environment variables"). */
export function functionEnvironment(
  { folder, handler, runtime, variables, memory = 128 }: EnvironmentOptions,
  requestId: string,
  timeout: number,
): Record<string, string> {
  const name = basename(resolve(folder))
  return {
    TZ: ':UTC',
    ...variables,
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: '/var/task',
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    AWS_EXECUTION_ENV: `AWS_Lambda_${runtime.name}`,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memory),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: requestId,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    CRUDDUR_REQUEST_ID: requestId,
    CRUDDUR_TIMEOUT: String(timeout / 1000),
    // /var/task and /opt are read-only, here as there.
    PYTHONDONTWRITEBYTECODE: '1',
  }
}
