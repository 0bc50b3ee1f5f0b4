import { isAwsError } from '../../aws/errors.ts'
import { CruddurError, type ErrorKind } from '../../errors.ts'

/** What Lambda refuses, and what to do about it. */
interface Refusal {
  /** How the SDK's name of the error begins. */
  name: string
  /** What its text says, where the name alone does not tell. */
  says?: RegExp
  code: string
  kind?: ErrorKind
  text: string
  hint: string
}

/** The first one that fits counts. Names: API reference of Lambda; texts: what users have reported. */
const REFUSALS: readonly Refusal[] = [
  {
    name: 'CodeStorageExceeded',
    code: 'LAMBDA_STORAGE_FULL',
    text: 'The account has no room left for functions and layers in this region',
    hint: 'Delete old versions: aws lambda delete-layer-version; cruddur layer list NAME --versions --functions shows which are used.',
  },
  {
    name: 'Request', // RequestTooLargeException, RequestEntityTooLargeException
    says: /must be smaller|too large|entity/i,
    code: 'LAYER_REQUEST_TOO_LARGE',
    text: 'The zip is too large to go with the request',
    hint: 'Let it go through S3: --bucket NAME, or --create-bucket.',
  },
  {
    name: 'InvalidParameterValue',
    says: /unzipped size|exceeds the maximum allowed size/i,
    code: 'LAYER_TOO_LARGE',
    text: 'Lambda finds it too large unzipped',
    hint: 'Function and layers together must have less than 262,144,000 bytes unzipped.',
  },
  {
    name: 'InvalidParameterValue',
    says: /bucket is in this region|PermanentRedirect/i,
    code: 'BUCKET_ELSEWHERE',
    text: 'The bucket is in another region than the layer',
    hint: 'Name a bucket of the same region, or leave --bucket out.',
  },
  {
    name: 'InvalidParameterValue',
    says: /NoSuchBucket|specified bucket does not exist/i,
    code: 'BUCKET_NOT_FOUND',
    text: 'The bucket does not exist',
    hint: 'Check the name, or leave --bucket out and add --create-bucket.',
  },
  {
    name: 'InvalidParameterValue',
    says: /unzip|not a valid zip|conversion failed/i,
    code: 'LAYER_NOT_UNZIPPED',
    text: 'Lambda cannot unpack the zip',
    hint: 'cruddur layer verify says what is wrong with it.',
  },
  // Lambda's own failure (HTTP 500): the SDK has no common name for it.
  {
    name: 'ServiceException',
    code: 'AWS_UNREACHABLE',
    kind: 'unreachable',
    text: 'Lambda failed within itself',
    hint: 'Try again in a minute.',
  },
]

/** An error that came from Lambda, in words of ours where we have some; any other one as it is. */
export function explainRefusal(error: unknown): unknown {
  const refusal = REFUSALS.find(
    ({ name, says }) => isAwsError(error, name) && (says === undefined || says.test(error.message)),
  )
  if (!refusal || !(error instanceof CruddurError)) return error
  return new CruddurError(`${refusal.text}. ${error.message}`, {
    code: refusal.code,
    kind: refusal.kind,
    hint: refusal.hint,
    details: error.details,
    cause: error.cause,
  })
}
