import { findCaller } from '../../aws/caller.ts'
import type { AwsSession } from '../../aws/session.ts'
import { CruddurError } from '../../errors.ts'
import { bucketElsewhere, bucketNotFound } from './bucket-errors.ts'
import { LayerBucket } from './layer-bucket.ts'

export interface FindBucketOptions {
  aws: AwsSession
  /** The bucket to use; one of the account's own when not given. */
  bucket?: string | undefined
  /** Whether the account's own is created when it is not there, or who is asked. */
  createBucket?: boolean | ((bucket: string) => Promise<boolean>) | undefined
  pathStyle?: boolean | undefined
  signal?: AbortSignal | undefined
}

/** The bucket to upload to, and the same for cleaning up after Ctrl-C. */
export interface FoundBucket {
  bucket: LayerBucket
  cleaner: LayerBucket
  created: boolean
}

/**
 * Finds the bucket that large zips go through, or creates it. The account's own has the account in its name; one of that name
 * that belongs to another account is not used.
 * @throws {CruddurError} `BUCKET_NOT_FOUND`, `BUCKET_MISSING`, `BUCKET_ELSEWHERE`, `BUCKET_DENIED`, `AWS_…`
 */
export async function findBucket(options: FindBucketOptions): Promise<FoundBucket> {
  const { aws, pathStyle, signal } = options
  const owner = options.bucket === undefined ? (await findCaller(aws, signal)).account : undefined
  const name = options.bucket ?? `cruddur-layers-${owner}-${aws.region}`
  const bucket = new LayerBucket(aws, { name, owner, pathStyle }, signal)
  const found: FoundBucket = {
    bucket,
    cleaner: new LayerBucket(aws, { name, owner, pathStyle }),
    created: false,
  }
  try {
    const region = await regionOf(bucket, options)
    if (region !== undefined && region !== aws.region) throw bucketElsewhere(name, aws.region, region)
    if (region !== undefined) return found
    if (owner === undefined) throw bucketNotFound(name, aws.region)
    const { createBucket = false } = options
    if (!(typeof createBucket === 'function' ? await createBucket(name) : createBucket)) throw missing(name)
    await bucket.create()
    return { ...found, created: true }
  } catch (error) {
    bucket.close()
    found.cleaner.close()
    throw error
  }
}

/** Whoever may put objects into a bucket may perhaps not look at it: then the upload will tell. */
async function regionOf(
  bucket: LayerBucket,
  { bucket: given, aws }: FindBucketOptions,
): Promise<string | undefined> {
  try {
    return await bucket.region()
  } catch (error) {
    if (given !== undefined && error instanceof CruddurError && error.code === 'BUCKET_DENIED')
      return aws.region
    throw error
  }
}

function missing(bucket: string): CruddurError {
  return new CruddurError(
    `The zip is too large to go with the request, and the bucket "${bucket}" that it would go through is not there.`,
    {
      code: 'BUCKET_MISSING',
      kind: 'refused',
      hint: 'Add --create-bucket to have it created (private, encrypted), or name one with --bucket.',
      details: { bucket },
    },
  )
}
