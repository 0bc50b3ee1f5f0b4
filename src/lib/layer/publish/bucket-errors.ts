import { CruddurError } from '../../errors.ts'

/** What the SDK keeps of an answer besides its text. */
interface Answer {
  $metadata?: { httpStatusCode?: number }
  $response?: { headers?: Record<string, string> }
}

/** The HTTP status that AWS refused a call with; `undefined` when it did not answer. */
export function statusOf(error: unknown): number | undefined {
  return (error instanceof CruddurError ? (error.cause as Answer | undefined) : undefined)?.$metadata
    ?.httpStatusCode
}

/** An error of S3 about a bucket in words of ours where we have some. What is asked with HEAD has a status and no text. */
export function explainBucketError(error: unknown, bucket: string, region: string): unknown {
  if (!(error instanceof CruddurError) || error.kind === 'interrupted') return error
  const { name = '' } = (error.cause as Error | undefined) ?? {}
  const status = statusOf(error)
  if (name === 'NoSuchBucket') return bucketNotFound(bucket, region, error.cause)
  if (status === 301 || name === 'PermanentRedirect' || name === 'AuthorizationHeaderMalformed') {
    const where = (error.cause as Answer | undefined)?.$response?.headers?.['x-amz-bucket-region']
    return bucketElsewhere(bucket, region, where, error.cause)
  }
  if (status === 403 && error.code === 'AWS_ERROR')
    return new CruddurError(`You may not use the bucket "${bucket}"; it may be somebody else's.`, {
      code: 'BUCKET_DENIED',
      hint: 'Name another one with --bucket, or ask whoever administers the account for s3:ListBucket and s3:PutObject.',
      details: { bucket, region },
      cause: error.cause,
    })
  return error
}

/** Lambda takes zips from buckets of its own region only. */
export function bucketElsewhere(
  bucket: string,
  region: string,
  where: string | undefined,
  cause?: unknown,
): CruddurError {
  return new CruddurError(
    `The bucket "${bucket}" is in ${where ?? 'another region'}; the layer is to be in ${region}, and so must the bucket.`,
    {
      code: 'BUCKET_ELSEWHERE',
      hint: 'Name a bucket of the same region, or leave --bucket out.',
      details: { bucket, region, bucketRegion: where ?? null },
      cause,
    },
  )
}

/** A bucket that somebody named is not there. */
export function bucketNotFound(bucket: string, region: string, cause?: unknown): CruddurError {
  return new CruddurError(`There is no bucket "${bucket}".`, {
    code: 'BUCKET_NOT_FOUND',
    hint: 'Check the name, or leave --bucket out and add --create-bucket.',
    details: { bucket, region },
    cause,
  })
}
