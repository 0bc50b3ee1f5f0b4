import type { ErrorKind } from '../errors.ts'

/** What went wrong between us and AWS, whatever was asked for. */
export interface AwsFailure {
  /** Our code. */
  code: string
  kind: ErrorKind
  /** Says what happened; the resource and region follow. */
  text: string
}

/** How errors of any service are told apart: by the SDK's `name`, which is the code on the wire, or by Node's `code`. */
export const AWS_FAILURES: readonly (AwsFailure & { names: readonly string[] })[] = [
  {
    names: [
      'ExpiredToken',
      'ExpiredTokenException',
      'TokenRefreshRequired',
      'UnauthorizedSSOTokenError',
      'UnauthorizedException',
    ],
    code: 'AWS_LOGIN_EXPIRED',
    kind: 'failed',
    text: 'Your AWS session has expired',
  },
  {
    names: ['RequestExpired', 'RequestTimeTooSkewed', 'RequestInTheFuture'],
    code: 'AWS_CLOCK_SKEW',
    kind: 'failed',
    text: "AWS refuses the request because this machine's clock is wrong",
  },
  {
    names: [
      'AuthFailure',
      'IncompleteSignature',
      'InvalidClientTokenId',
      'InvalidSignatureException',
      'SignatureDoesNotMatch',
      'UnrecognizedClientException',
    ],
    code: 'AWS_CREDENTIALS_INVALID',
    kind: 'failed',
    text: 'AWS does not accept the credentials',
  },
  {
    names: ['CredentialsProviderError', 'ProviderError', 'TokenProviderError'],
    code: 'AWS_NO_CREDENTIALS',
    kind: 'failed',
    text: 'No AWS credentials could be loaded',
  },
  {
    names: ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'OptInRequired'],
    code: 'AWS_NOT_ALLOWED',
    kind: 'failed',
    text: 'AWS does not allow this',
  },
  {
    names: [
      'RequestLimitExceeded',
      'RequestThrottled',
      'SlowDown',
      'Throttling',
      'ThrottlingException',
      'TooManyRequestsException',
    ],
    code: 'AWS_BUSY',
    kind: 'unreachable',
    text: 'AWS is limiting requests',
  },
  {
    names: [
      'EAI_AGAIN',
      'ECONNABORTED',
      'ECONNREFUSED',
      'ECONNRESET',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ENOTFOUND',
      'EPIPE',
      'ETIMEDOUT',
      'InternalError',
      'InternalFailure',
      'ServiceUnavailable',
      'TimeoutError',
      'Unavailable',
    ],
    code: 'AWS_UNREACHABLE',
    kind: 'unreachable',
    text: 'AWS could not be reached',
  },
  {
    names: ['NotFromAws'],
    code: 'AWS_UNREACHABLE',
    kind: 'unreachable',
    text: 'Something else than AWS has answered',
  },
]
