import { readFile } from 'node:fs/promises'
import { CruddurError } from '../../errors.ts'
import { groupedDigits } from '../../grouped-digits.ts'
import { runStep } from '../../progress.ts'
import type { Layers, NewVersion } from '../lambda/layers.ts'
import { LIMITS } from '../limits.ts'
import type { Outcome, PublishOptions } from '../publish.ts'
import type { LayerBucket } from './layer-bucket.ts'
import type { Publication } from './plan-publication.ts'
import { publishOnce } from './publish-once.ts'

/** Bytes of a request that publishes (error of the API: "Request must be smaller than 70167211 bytes"). */
const REQUEST = 70_167_211

/**
 * Sends the zip, in the way that is open to it, and publishes it.
 * @throws {CruddurError} as `publishLayer`
 * @throws {InterruptedError}
 */
export async function bring(
  layers: Layers,
  publication: Publication,
  newest: number,
  options: PublishOptions,
): Promise<Outcome> {
  const isThroughS3 = options.bucket !== undefined || !fitsRequest(publication)
  const through = isThroughS3 ? 's3' : 'request'
  if (options.dryRun === true)
    return {
      arn: undefined,
      version: undefined,
      created: true,
      through,
      bucket: options.bucket,
      key: undefined,
    }
  if (isThroughS3) return throughBucket(layers, publication, newest, options)
  const version = await publish(
    layers,
    publication,
    { zip: await readFile(publication.zip) },
    newest,
    options,
  )
  return { ...version, through, bucket: undefined, key: undefined }
}

/** Whether the zip, in base64, and all else are small enough for a request. */
function fitsRequest({ size, name, description, licence, runtimes, architectures }: Publication): boolean {
  const rest = JSON.stringify({
    name,
    description,
    licence,
    runtimes,
    architectures,
    Content: { ZipFile: '' },
  })
  // The field names that are not in `rest` are shorter than this together.
  const request = Math.ceil(size / 3) * 4 + Buffer.byteLength(rest) + 200
  return size <= LIMITS.directUpload && request < REQUEST
}

async function publish(
  layers: Layers,
  publication: Publication,
  content: NewVersion['content'],
  newest: number,
  options: PublishOptions,
): Promise<Pick<Outcome, 'arn' | 'version' | 'created'>> {
  const { name, size, codeSha256 } = publication
  const {
    arn,
    version,
    codeSha256: there,
  } = await runStep(
    options.onProgress,
    'publish',
    `Publishing ${name} (${groupedDigits(size)} bytes)`,
    () => publishOnce(layers, publication, content, newest, options),
    (published) => `Published ${name} as version ${published.version}`,
  )
  if (there === codeSha256) return { arn, version, created: true }
  throw new CruddurError(`${arn} does not have the bytes of "${publication.zip}": its SHA-256 is ${there}.`, {
    code: 'LAYER_UPLOAD_DAMAGED',
    hint: `Was the file changed meanwhile? Delete the version: aws lambda delete-layer-version --layer-name ${name} --version-number ${version}`,
    details: { arn, version, codeSha256, published: there },
  })
}

async function throughBucket(
  layers: Layers,
  publication: Publication,
  newest: number,
  options: PublishOptions,
): Promise<Outcome> {
  const { keepObject = false } = options
  const { findBucket } = await import('./find-bucket.ts')
  const { bucket, cleaner } = await findBucket(options)
  const key = `layers/${publication.name}/${publication.sha256}.zip`
  try {
    // One of that name, which is the hash, has been kept by an earlier run: it stays.
    const isKept = (await bucket.sizeOf(key)) === publication.size
    if (!isKept) await upload(publication, bucket, cleaner, key, options)
    try {
      const version = await publish(layers, publication, { bucket: bucket.name, key }, newest, options)
      return { ...version, through: 's3', bucket: bucket.name, key: keepObject || isKept ? key : undefined }
    } finally {
      if (!keepObject && !isKept) await cleaner.remove(key).catch(() => leftBehind(bucket.name, key, options))
    }
  } finally {
    bucket.close()
    cleaner.close()
  }
}

async function upload(
  { zip, size }: Publication,
  bucket: LayerBucket,
  cleaner: LayerBucket,
  key: string,
  { onProgress }: PublishOptions,
): Promise<void> {
  const { uploadZip } = await import('./upload-zip.ts')
  const onBytes = (done: number) => onProgress?.({ type: 'bytes', step: 'upload', done, total: size })
  await runStep(onProgress, 'upload', `Uploading to ${bucket.name}`, () =>
    uploadZip({ bucket, cleaner, key, path: zip, size, onBytes }),
  )
}

function leftBehind(bucket: string, key: string, { onProgress }: PublishOptions): void {
  onProgress?.({
    type: 'note',
    level: 'warning',
    text: `s3://${bucket}/${key} could not be removed; it is not needed any more.`,
  })
}
