import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProgressEvent } from '../../../src/lib/progress.ts'
import { type PublishOptions, publishLayer } from '../../../src/lib/layer/publish.ts'
import { TestLambda } from '../../support/aws/lambda.ts'
import { testAwsSession } from '../../support/aws/session.ts'
import { withEmulator } from '../../support/aws/with-emulator.ts'
import { testFolder, writeLayer } from '../../support/layer/layer-files.ts'
import { makeZip } from '../../support/layer/make-zip.ts'
import { failureOf } from '../../support/load.ts'

// Publishing on an emulator of Lambda and S3; what counts is what there is afterwards.

const NAME = 'shop-py313-arm64'
const OWN_BUCKET = 'cruddur-layers-123456789012-eu-central-1'
const PUBLISH = `POST /2018-10-31/layers/${NAME}/versions`

const emulator = withEmulator()
const lambda = new TestLambda(emulator)
let s3: S3Client
/** A zip that is too large for a request. */
const large = makeZip([
  { name: 'python/data.bin', content: Buffer.alloc(52_500_000, 7), stored: true, mode: 0o100_644 },
])

beforeAll(() => {
  s3 = new S3Client(testAwsSession(emulator).clientOptions)
})
afterAll(() => s3?.destroy())
const publish = (zip: string, more: Partial<PublishOptions> = {}) =>
  publishLayer({ aws: testAwsSession(emulator), zip, pace: () => 10, ...more })
const asked = async (beginning: string) =>
  (await emulator.calls()).filter(({ action }) => action.startsWith(beginning)).length
const objects = async (bucket: string) => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }))
  return Contents.map(({ Key }) => Key)
}
const uploads = async (bucket: string) =>
  (await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? []
const makeBucket = (name: string) =>
  s3.send(
    new CreateBucketCommand({
      Bucket: name,
      CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
    }),
  )

test('a built layer is published with what the build knows; again, there is nothing to do', async () => {
  const zip = writeLayer(testFolder())
  const result = await publish(zip)
  expect(result).toMatchObject({
    name: NAME,
    arn: `arn:aws:lambda:eu-central-1:123456789012:layer:${NAME}:1`,
    version: 1,
    created: true,
    through: 'request',
  })
  expect(await lambda.versions(NAME)).toMatchObject([
    {
      Version: 1,
      CompatibleRuntimes: ['python3.13'],
      CompatibleArchitectures: ['arm64'],
      Description: 'shop 1.2; Python 3.13, arm64',
      LicenseInfo: 'MIT',
    },
  ])
  expect(await lambda.sha256Of(NAME, 1)).toBe(result.codeSha256)
  expect(await publish(zip)).toMatchObject({ arn: result.arn, version: 1, created: false, through: 'none' })
  expect(await lambda.versions(NAME)).toHaveLength(1)
})

test('other bytes, or the same for others, are a new version', async () => {
  const folder = testFolder()
  await publish(writeLayer(folder))
  expect(await publish(writeLayer(folder, { python: '3.12' }))).toMatchObject({ version: 2, created: true })
  expect(await publish(writeLayer(folder, { python: '3.12', arch: 'x86_64' }))).toMatchObject({ version: 3 })
  const zip = makeZip([{ name: 'python/shop.py', content: 'price = 4\n', mode: 0o100_644 }])
  expect(await publish(writeLayer(folder, { zip, python: '3.12', arch: 'x86_64' }))).toMatchObject({
    version: 4,
  })
  // Only the newest one counts: what was there before may have been replaced for a reason.
  expect(await publish(writeLayer(folder))).toMatchObject({ version: 5, created: true })
})

test('a zip of others needs to be told what it is for', async () => {
  const zip = join(testFolder(), 'mine.zip')
  writeFileSync(zip, makeZip([{ name: 'python/mine.py', content: '', mode: 0o100_644 }]))
  expect(await failureOf(publish(zip))).toMatchObject({ code: 'LAYER_TARGET_UNKNOWN', kind: 'usage' })
  await publish(zip, { pythons: ['3.12', '3.13'], architectures: ['arm64', 'amd64'], description: 'mine' })
  expect(await lambda.versions('mine')).toMatchObject([
    {
      CompatibleRuntimes: ['python3.12', 'python3.13'],
      CompatibleArchitectures: ['arm64', 'x86_64'],
      Description: 'mine',
    },
  ])
})

test('a dry run looks, and says what would be done', async () => {
  const zip = writeLayer(testFolder())
  expect(await publish(zip, { dryRun: true })).toMatchObject({ created: true, arn: undefined, dryRun: true })
  expect(await lambda.versions(NAME)).toEqual([])
  await publish(zip)
  expect(await publish(zip, { dryRun: true })).toMatchObject({ created: false, version: 1 })
  expect(await asked(PUBLISH)).toBe(1)
})

describe('what is refused before anything is sent', () => {
  test.each([
    ['a name', { name: 'no spaces' }, 'LAYER_NAME_INVALID'],
    ['a description', { description: 'x'.repeat(257) }, 'LAYER_TEXT_TOO_LONG'],
    ['a licence', { licence: 'x'.repeat(513) }, 'LAYER_TEXT_TOO_LONG'],
    ['a Python version', { pythons: ['2.7'] }, 'UNKNOWN_RUNTIME'],
    ['an architecture', { architectures: ['sparc'] }, 'UNKNOWN_ARCHITECTURE'],
    [
      'a file',
      { zip: '/nowhere/shop.zip', pythons: ['3.13'], architectures: ['arm64'] },
      'FILE_NOT_READABLE',
    ],
  ])('%s', async (_, more, code) => {
    expect(await failureOf(publish(writeLayer(testFolder()), more))).toMatchObject({ code, kind: 'usage' })
    expect(await emulator.calls()).toEqual([])
  })

  test('a zip that is not the one that was built', async () => {
    const zip = writeLayer(testFolder())
    writeFileSync(zip, makeZip([{ name: 'python/other.py', content: '', mode: 0o100_644 }]))
    expect(await failureOf(publish(zip))).toMatchObject({ code: 'LAYER_CHANGED' })
    expect(await emulator.calls()).toEqual([])
  })

  test('one that is too large unzipped, by a single byte too', async () => {
    const folder = testFolder()
    const size = 262_144_000
    const entry = { name: 'python/a', content: '', mode: 0o100_644 }
    const zipOf = (length: number) =>
      makeZip([
        { ...entry, content: Buffer.alloc(length - 10) },
        { ...entry, name: 'python/b', content: '0123456789' },
      ])
    expect(await failureOf(publish(writeLayer(folder, { zip: zipOf(size) })))).toMatchObject({
      code: 'LAYER_TOO_LARGE',
      details: { unzippedSize: size },
    })
    expect(await emulator.calls()).toEqual([])
    expect(await publish(writeLayer(folder, { zip: zipOf(size - 1) }))).toMatchObject({ created: true })
  })

  test('one that verify finds wrong; not with force', async () => {
    const zip = writeLayer(testFolder())
    const seen: unknown[] = []
    const verify: PublishOptions['verify'] = (path, target) => {
      seen.push([path, target.runtimes, target.architectures])
      return Promise.resolve({
        ok: false,
        findings: [{ id: 'elf-machine', file: 'a.so', reason: 'is of x86_64' }],
      })
    }
    const error = await failureOf(publish(zip, { verify }))
    expect(error).toMatchObject({ code: 'LAYER_NOT_VERIFIED', context: 'elf-machine a.so: is of x86_64' })
    expect(seen).toEqual([[zip, ['python3.13'], ['arm64']]])
    expect(await emulator.calls()).toEqual([])
    const notes: ProgressEvent[] = []
    const onProgress = (event: ProgressEvent) => void (event.type === 'note' && notes.push(event))
    expect(await publish(zip, { verify, force: true, onProgress })).toMatchObject({ created: true })
    expect(notes).toMatchObject([{ level: 'warning', text: expect.stringContaining('--force') }])
  })
})

describe('through S3', () => {
  test('a large zip goes through a bucket that is created, closed, and empty again', async () => {
    const done: number[] = []
    const result = await publish(writeLayer(testFolder(), { zip: large }), {
      createBucket: true,
      onProgress: (event) => void (event.type === 'bytes' && done.push(event.done)),
    })
    expect(result).toMatchObject({
      created: true,
      version: 1,
      through: 's3',
      bucket: OWN_BUCKET,
      key: undefined,
    })
    expect(await lambda.sha256Of(NAME, 1)).toBe(result.codeSha256)
    expect(await objects(OWN_BUCKET)).toEqual([])
    expect(await s3.send(new GetPublicAccessBlockCommand({ Bucket: OWN_BUCKET }))).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      },
    })
    expect(await s3.send(new GetBucketEncryptionCommand({ Bucket: OWN_BUCKET }))).toMatchObject({
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    })
    expect(await s3.send(new HeadBucketCommand({ Bucket: OWN_BUCKET }))).toMatchObject({
      BucketRegion: 'eu-central-1',
    })
    expect(done.at(-1)).toBe(large.length)
    expect(done.length).toBeGreaterThan(5)
    expect(done).toEqual(done.toSorted((a, b) => a - b))
  })

  test('no bucket is created unasked; who is asked may say no', async () => {
    const zip = writeLayer(testFolder(), { zip: large })
    const questions: string[] = []
    const ask = (bucket: string) => {
      questions.push(bucket)
      return Promise.resolve(false)
    }
    for (const createBucket of [undefined, false, ask])
      expect(await failureOf(publish(zip, { createBucket }))).toMatchObject({
        code: 'BUCKET_MISSING',
        kind: 'refused',
        details: { bucket: OWN_BUCKET },
      })
    expect(questions).toEqual([OWN_BUCKET])
    expect(await asked('PUT /cruddur')).toBe(0)
  })

  test('in us-east-1, which must not be named', async () => {
    const aws = testAwsSession(emulator)
    const east = { ...aws, region: 'us-east-1', clientOptions: { ...aws.clientOptions, region: 'us-east-1' } }
    const bucket = 'cruddur-layers-123456789012-us-east-1'
    expect(
      await publish(writeLayer(testFolder(), { zip: large }), { aws: east, createBucket: true }),
    ).toMatchObject({ created: true, bucket })
  })

  test('a bucket that is named takes small zips too; the object stays where it is to', async () => {
    await makeBucket('my-bucket')
    const zip = writeLayer(testFolder())
    const result = await publish(zip, { bucket: 'my-bucket', keepObject: true })
    expect(result).toMatchObject({ through: 's3', bucket: 'my-bucket', created: true })
    expect(await objects('my-bucket')).toEqual([result.key])
    // Found again by its hash, and not removed by one who would not have kept it.
    await publish(zip, { bucket: 'my-bucket', name: 'other' })
    expect(await objects('my-bucket')).toEqual([result.key])
  })

  test('the object that is there already is used, and stays', async () => {
    await makeBucket('my-bucket')
    const zip = writeLayer(testFolder())
    const { key } = await publish(zip, { bucket: 'my-bucket', keepObject: true })
    expect(await publish(zip, { bucket: 'my-bucket', architectures: ['x86_64'] })).toMatchObject({
      version: 2,
      key,
    })
    expect(await objects('my-bucket')).toEqual([key])
    expect(await asked(`PUT /my-bucket/${key}`)).toBe(1)
  })

  test('a bucket that is not there', async () => {
    const failed = failureOf(publish(writeLayer(testFolder()), { bucket: 'nobody-s', createBucket: true }))
    expect(await failed).toMatchObject({ code: 'BUCKET_NOT_FOUND' })
  })

  test('a bucket in another region: both are named', async () => {
    await emulator.fault({
      action: 'HEAD /my-bucket',
      error: 'PermanentRedirect',
      status: 301,
      headers: { 'x-amz-bucket-region': 'us-west-2' },
    })
    const error = await failureOf(publish(writeLayer(testFolder()), { bucket: 'my-bucket' }))
    expect(error).toMatchObject({ code: 'BUCKET_ELSEWHERE', details: { bucketRegion: 'us-west-2' } })
    expect(error.message).toContain('us-west-2')
    expect(error.message).toContain('eu-central-1')
  })

  test("one of our name that is somebody else's is not used", async () => {
    await emulator.fault({ action: `HEAD /${OWN_BUCKET}`, error: 'AccessDenied', status: 403, times: -1 })
    const failed = failureOf(publish(writeLayer(testFolder(), { zip: large }), { createBucket: true }))
    expect(await failed).toMatchObject({ code: 'BUCKET_DENIED' })
    expect(await asked('PUT /')).toBe(0)
  })

  test('a bucket that may be written to but not looked at serves', async () => {
    await makeBucket('my-bucket')
    await emulator.fault({ action: 'HEAD /my-bucket', error: 'AccessDenied', status: 403, times: -1 })
    expect(await publish(writeLayer(testFolder()), { bucket: 'my-bucket' })).toMatchObject({ created: true })
    expect(await objects('my-bucket')).toEqual([])
  })

  test('where writing is not allowed either, the policy is shown', async () => {
    await makeBucket('my-bucket')
    await emulator.fault({ action: 'PUT /my-bucket/', error: 'AccessDenied', status: 403, times: -1 })
    const error = await failureOf(publish(writeLayer(testFolder()), { bucket: 'my-bucket' }))
    expect(error).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
    expect(error.context).toContain('s3:PutObject')
    expect(error.context).toContain('arn:aws:s3:::my-bucket/*')
  })

  test('a part that fails for good leaves nothing behind', async () => {
    await makeBucket('my-bucket')
    await emulator.fault({
      action: 'PUT /my-bucket/',
      error: 'AccessDenied',
      status: 403,
      after: 2,
      times: -1,
    })
    const failed = failureOf(publish(writeLayer(testFolder(), { zip: large }), { bucket: 'my-bucket' }))
    expect(await failed).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
    expect(await uploads('my-bucket')).toEqual([])
    expect(await objects('my-bucket')).toEqual([])
    expect(await lambda.versions(NAME)).toEqual([])
  })

  test('a connection that is lost in the middle of it is made up for', async () => {
    await makeBucket('my-bucket')
    await emulator.fault({ action: 'PUT /my-bucket/', drop: true, after: 1, times: 2 })
    const zip = writeLayer(testFolder(), { zip: large })
    expect(await publish(zip, { bucket: 'my-bucket' })).toMatchObject({ created: true, version: 1 })
  })

  test('Ctrl-C leaves no upload and no object', async () => {
    await makeBucket('my-bucket')
    const abort = new AbortController()
    const failed = failureOf(
      publish(writeLayer(testFolder(), { zip: large }), {
        bucket: 'my-bucket',
        signal: abort.signal,
        onProgress: (event) => void (event.type === 'bytes' && abort.abort()),
      }),
    )
    expect(await failed).toMatchObject({ kind: 'interrupted' })
    expect(await uploads('my-bucket')).toEqual([])
    expect(await objects('my-bucket')).toEqual([])
  })

  test('the object is removed also when Lambda refuses it', async () => {
    await makeBucket('my-bucket')
    await emulator.fault({ action: PUBLISH, error: 'CodeStorageExceededException' })
    const failed = failureOf(publish(writeLayer(testFolder()), { bucket: 'my-bucket' }))
    expect(await failed).toMatchObject({ code: 'LAMBDA_STORAGE_FULL' })
    expect(await objects('my-bucket')).toEqual([])
  })
})

describe('failures of Lambda', () => {
  test.each([
    ['CodeStorageExceededException', '', 'LAMBDA_STORAGE_FULL'],
    ['RequestTooLargeException', 'Request must be smaller than 70167211 bytes', 'LAYER_REQUEST_TOO_LARGE'],
    [
      'RequestEntityTooLargeException',
      'Request must be smaller than 70167211 bytes',
      'LAYER_REQUEST_TOO_LARGE',
    ],
    [
      'InvalidParameterValueException',
      'Unzipped size must be smaller than 262144000 bytes',
      'LAYER_TOO_LARGE',
    ],
    [
      'InvalidParameterValueException',
      'Could not unzip uploaded file. Please check your file',
      'LAYER_NOT_UNZIPPED',
    ],
    [
      'InvalidParameterValueException',
      'Error occurred while GetObject. S3 Error Code: PermanentRedirect. S3 Error Message: The bucket is in this region: us-west-2',
      'BUCKET_ELSEWHERE',
    ],
    ['InvalidParameterValueException', 'Something of tomorrow', 'AWS_ERROR'],
    ['AccessDeniedException', '', 'AWS_NOT_ALLOWED'],
  ])('%s %s', async (error, message, code) => {
    await emulator.fault({ action: PUBLISH, error, message, status: error.startsWith('Request') ? 413 : 400 })
    expect(await failureOf(publish(writeLayer(testFolder())))).toMatchObject({ code })
    expect(await asked(PUBLISH)).toBe(1)
    expect(await lambda.versions(NAME)).toEqual([])
  })

  test('throttling is waited out', async () => {
    await emulator.fault({ action: PUBLISH, error: 'TooManyRequestsException', status: 429, times: 3 })
    expect(await publish(writeLayer(testFolder()))).toMatchObject({ created: true, version: 1 })
    expect(await lambda.versions(NAME)).toHaveLength(1)
  })

  test.each([
    ['dropAfter', { dropAfter: true }],
    [
      'an error of its own',
      {
        status: 500,
        rewrite: [['\\A[\\s\\S]*\\Z', '{"Type":"Service"}']],
        headers: { 'x-amzn-errortype': 'ServiceException' },
      },
    ],
  ] as const)(
    'an answer that is lost after it was published is no reason to publish twice: %s',
    async (_, fault) => {
      await lambda.publish(NAME)
      await emulator.fault({ action: PUBLISH, ...fault })
      expect(await publish(writeLayer(testFolder()))).toMatchObject({ created: true, version: 2 })
      expect(await lambda.versions(NAME)).toHaveLength(2)
      expect(await asked(PUBLISH)).toBe(2)
    },
  )

  test('a connection that is lost before it is tried again', async () => {
    await emulator.fault({ action: PUBLISH, drop: true, times: 2 })
    expect(await publish(writeLayer(testFolder()))).toMatchObject({ created: true, version: 1 })
    expect(await lambda.versions(NAME)).toHaveLength(1)
    expect(await asked(PUBLISH)).toBe(3)
  })

  test('one that is lost each time is an error in the end', async () => {
    await emulator.fault({ action: PUBLISH, drop: true, times: -1 })
    expect(await failureOf(publish(writeLayer(testFolder())))).toMatchObject({
      code: 'AWS_UNREACHABLE',
      kind: 'unreachable',
    })
  })

  test('bytes that arrive as others are noticed', async () => {
    await emulator.fault({ action: PUBLISH, rewrite: [['"CodeSha256": "[^"]*"', '"CodeSha256": "other"']] })
    const error = await failureOf(publish(writeLayer(testFolder())))
    expect(error).toMatchObject({ code: 'LAYER_UPLOAD_DAMAGED' })
    expect(error.hint).toContain('--version-number 1')
  })
})

test('many packages: their versions and licences have room', async () => {
  const wheels = Array.from({ length: 60 }, (_, index) => ({
    name: `package-${String(index).padStart(2, '0')}`,
    version: '10.20.30',
    fileName: `package_${index}-10.20.30-py3-none-any.whl`,
    sha256: randomBytes(32).toString('hex'),
    licence: `LicenseRef-${'x'.repeat(20)}-${index}`,
  }))
  await publish(writeLayer(testFolder(), { wheels }))
  const [version] = await lambda.versions(NAME)
  expect(version?.Description).toMatch(/^package-00 10\.20\.30, .* and \d+ more; Python 3\.13, arm64$/)
  expect(version?.Description?.length).toBeLessThanOrEqual(256)
  expect(version?.LicenseInfo).toMatch(/; and \d+ more$/)
  expect(version?.LicenseInfo?.length).toBeLessThanOrEqual(512)
})
