import type { FunctionConfiguration } from '@aws-sdk/client-lambda'
import { UsageError } from '../../errors.ts'

/** What counts of a function where layers are concerned. */
export interface LambdaFunction {
  name: string
  arn: string
  packageType: 'Zip' | 'Image'
  /** E.g. `python3.13`; `undefined` for an image. */
  runtime: string | undefined
  architecture: string
  /** ARNs of the versions, in the order in which they are unpacked. */
  layers: string[]
  /** Bytes of their zips, by ARN. */
  layerSizes: ReadonlyMap<string, number>
  /** Bytes of the zip. */
  codeSize: number
  /** Changes with whatever changes. */
  revisionId: string | undefined
  /** What goes on: Lambda refuses to change it meanwhile. */
  isBusy: boolean
  /** Why the last change did not come about, if it did not. */
  updateFailure: string | undefined
}

/** A function from what Lambda tells of it. */
export function fromConfiguration(told: FunctionConfiguration): LambdaFunction {
  return {
    name: told.FunctionName ?? '',
    arn: told.FunctionArn ?? '',
    packageType: told.PackageType ?? 'Zip',
    runtime: told.Runtime,
    // The API reference of CreateFunction: the default is x86_64.
    architecture: told.Architectures?.[0] ?? 'x86_64',
    layers: (told.Layers ?? []).flatMap(({ Arn }) => Arn ?? []),
    layerSizes: new Map((told.Layers ?? []).map(({ Arn = '', CodeSize = 0 }) => [Arn, CodeSize])),
    codeSize: told.CodeSize ?? 0,
    revisionId: told.RevisionId,
    isBusy: told.State === 'Pending' || told.LastUpdateStatus === 'InProgress',
    updateFailure:
      told.LastUpdateStatus === 'Failed'
        ? (told.LastUpdateStatusReason ?? told.LastUpdateStatusReasonCode ?? 'no reason is given')
        : undefined,
  }
}

/** API reference of UpdateFunctionConfiguration, FunctionName: a name, an ARN, or a part of one. */
const NAME = /^(?:arn:aws[a-z-]*:lambda:([a-z0-9-]+):\d{12}:function:)?([\w-]{1,64})(?::([\w$-]+))?$/

/**
 * Makes sure that a function can be called so, and may be changed: versions and aliases may not.
 * @param region where it is looked for
 * @throws {UsageError} `FUNCTION_INVALID`
 */
export function requireFunctionName(text: string, region: string): string {
  const [all, itsRegion, name, qualifier] = NAME.exec(text) ?? []
  const invalid = (reason: string, hint: string) =>
    new UsageError(`${JSON.stringify(text.slice(0, 200))} ${reason}.`, { code: 'FUNCTION_INVALID', hint })
  if (all === undefined || name === undefined)
    throw invalid('cannot be the name of a function', 'Write its name or its ARN.')
  if (qualifier !== undefined && qualifier !== '$LATEST')
    throw invalid('is a version or an alias, which has the layers that it has', `Name the function: ${name}.`)
  if (itsRegion !== undefined && itsRegion !== region)
    throw invalid(`is in another region than ${region}`, `Add --region ${itsRegion}.`)
  return itsRegion === undefined ? name : text.replace(/:\$LATEST$/, '')
}

/** The resource of an IAM policy that stands for a function in any region. */
export function functionPolicy(name: string): string {
  return `arn:aws:lambda:*:*:function:${NAME.exec(name)?.[2] ?? name}`
}
