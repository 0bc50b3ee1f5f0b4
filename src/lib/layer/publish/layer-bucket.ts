import {
  AbortMultipartUploadCommand,
  type BucketLocationConstraint,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { ServiceClient } from '../../aws/service-client.ts'
import type { AwsSession } from '../../aws/session.ts'
import { explainBucketError, statusOf } from './bucket-errors.ts'

/** Milliseconds without anything moving: parts of megabytes take long over a slow line. */
const SENDING = { requestHandler: { connectionTimeout: 10_000, socketTimeout: 120_000 } }

export interface LayerBucketOptions {
  name: string
  /** The account that it must belong to; anybody's when not given. */
  owner?: string | undefined
  /** Whether its name stands in the path instead of the host name, as emulators on one host need it. */
  pathStyle?: boolean | undefined
}

/** A part of a zip that is on its way to Lambda. */
export interface Part {
  /** Counted from 1. */
  number: number
  bytes: Uint8Array
  /** Base64 of its SHA-256. */
  sha256: string
}

/** The bucket that large zips go through. Loads the SDK: to be imported when it is needed. */
export class LayerBucket extends ServiceClient<S3Client> {
  readonly name: string
  readonly #owner: string | undefined

  constructor(aws: AwsSession, { name, owner, pathStyle = false }: LayerBucketOptions, signal?: AbortSignal) {
    super('s3', new S3Client({ ...aws.clientOptions, ...SENDING, forcePathStyle: pathStyle }), aws, signal)
    this.name = name
    this.#owner = owner
  }

  /**
   * The region that it is in.
   * @returns `undefined` when there is no such bucket
   * @throws {CruddurError} `BUCKET_ELSEWHERE`, `BUCKET_DENIED`, `AWS_…`
   */
  async region(): Promise<string | undefined> {
    const command = new HeadBucketCommand({ Bucket: this.name, ExpectedBucketOwner: this.#owner })
    try {
      const { BucketRegion } = await this.#ask('ListBucket', (client, sending) =>
        client.send(command, sending),
      )
      return BucketRegion ?? this.aws.region
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw error
    }
  }

  /**
   * Creates it: closed to the public, encrypted, and without what uploads that were cut off leave.
   * @throws {CruddurError} `AWS_…`
   */
  async create(): Promise<void> {
    const { region } = this.aws
    // us-east-1 is the one that must not be named (API reference of CreateBucket).
    const where =
      region === 'us-east-1'
        ? {}
        : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } }
    await this.#ask('CreateBucket', (client, sending) =>
      client.send(new CreateBucketCommand({ Bucket: this.name, ...where }), sending),
    )
    try {
      await this.#protect()
    } catch (error) {
      // Empty as it is: the next run is to begin anew.
      await this.#ask('DeleteBucket', (client, sending) =>
        client.send(new DeleteBucketCommand({ Bucket: this.name }), sending),
      ).catch(() => undefined)
      throw error
    }
  }

  async #protect(): Promise<void> {
    const bucket = { Bucket: this.name, ExpectedBucketOwner: this.#owner }
    await this.#ask('PutBucketPublicAccessBlock', (client, sending) =>
      client.send(
        new PutPublicAccessBlockCommand({
          ...bucket,
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            IgnorePublicAcls: true,
            BlockPublicPolicy: true,
            RestrictPublicBuckets: true,
          },
        }),
        sending,
      ),
    )
    await this.#ask('PutEncryptionConfiguration', (client, sending) =>
      client.send(
        new PutBucketEncryptionCommand({
          ...bucket,
          ServerSideEncryptionConfiguration: {
            Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
          },
        }),
        sending,
      ),
    )
    await this.#ask('PutLifecycleConfiguration', (client, sending) =>
      client.send(
        new PutBucketLifecycleConfigurationCommand({
          ...bucket,
          LifecycleConfiguration: {
            Rules: [
              {
                ID: 'uploads-that-were-cut-off',
                Status: 'Enabled',
                Filter: { Prefix: '' },
                AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
              },
            ],
          },
        }),
        sending,
      ),
    )
  }

  /** How large an object is, in bytes; `undefined` when there is none, or it may not be looked at. */
  async sizeOf(key: string): Promise<number | undefined> {
    const command = new HeadObjectCommand(this.#object(key))
    try {
      const { ContentLength } = await this.#ask(
        'GetObject',
        (client, sending) => client.send(command, sending),
        key,
      )
      return ContentLength
    } catch (error) {
      if ([403, 404].includes(statusOf(error) ?? 0)) return undefined
      throw error
    }
  }

  /** Puts a small zip. */
  async put(key: string, { bytes, sha256 }: Part): Promise<void> {
    const command = new PutObjectCommand({ ...this.#object(key), Body: bytes, ChecksumSHA256: sha256 })
    await this.#ask('PutObject', (client, sending) => client.send(command, sending), key)
  }

  /** Begins an upload in parts; returns its id. */
  async begin(key: string): Promise<string> {
    const command = new CreateMultipartUploadCommand({ ...this.#object(key), ChecksumAlgorithm: 'SHA256' })
    const { UploadId = '' } = await this.#ask(
      'PutObject',
      (client, sending) => client.send(command, sending),
      key,
    )
    return UploadId
  }

  /** Puts a part; returns the tag that S3 gives it. */
  async putPart(key: string, upload: string, { number, bytes, sha256 }: Part): Promise<string> {
    const command = new UploadPartCommand({
      ...this.#object(key),
      UploadId: upload,
      PartNumber: number,
      Body: bytes,
      ChecksumSHA256: sha256,
    })
    const { ETag = '' } = await this.#ask(
      'PutObject',
      (client, sending) => client.send(command, sending),
      key,
    )
    return ETag
  }

  /** Makes one object of the parts. */
  async complete(
    key: string,
    upload: string,
    parts: readonly (Omit<Part, 'bytes'> & { tag: string })[],
  ): Promise<void> {
    const command = new CompleteMultipartUploadCommand({
      ...this.#object(key),
      UploadId: upload,
      MultipartUpload: {
        Parts: parts.map(({ number, tag, sha256 }) => ({
          PartNumber: number,
          ETag: tag,
          ChecksumSHA256: sha256,
        })),
      },
    })
    await this.#ask('PutObject', (client, sending) => client.send(command, sending), key)
  }

  /** Gives an upload in parts up. */
  async abandon(key: string, upload: string): Promise<void> {
    const command = new AbortMultipartUploadCommand({ ...this.#object(key), UploadId: upload })
    await this.#ask('AbortMultipartUpload', (client, sending) => client.send(command, sending), key)
  }

  /** Removes an object. */
  async remove(key: string): Promise<void> {
    const command = new DeleteObjectCommand(this.#object(key))
    await this.#ask('DeleteObject', (client, sending) => client.send(command, sending), key)
  }

  #object(key: string) {
    return { Bucket: this.name, Key: key, ExpectedBucketOwner: this.#owner }
  }

  async #ask<T>(
    action: string,
    work: (client: S3Client, sending: { abortSignal?: AbortSignal }) => Promise<T>,
    key?: string,
  ): Promise<T> {
    const resource = key === undefined ? this.name : `${this.name}/${key}`
    try {
      return await this.call(
        action,
        resource,
        `arn:aws:s3:::${key === undefined ? this.name : `${this.name}/*`}`,
        work,
      )
    } catch (error) {
      throw explainBucketError(error, this.name, this.aws.region)
    }
  }
}
