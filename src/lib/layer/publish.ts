import type { AwsSession } from '../aws/session.ts'
import { CruddurError } from '../errors.ts'
import type { PollOptions } from '../poll.ts'
import { runStep, type VerbOptions } from '../progress.ts'
import type { LayerVersion } from './lambda/layer-version.ts'
import type { FindBucketOptions } from './publish/find-bucket.ts'
import { planPublication, type Publication, type PublicationOptions } from './publish/plan-publication.ts'
import { bring } from './publish/bring.ts'
import { isSame } from './publish/publish-once.ts'

/** What is found wrong with a layer before it is published; as `layer verify` has it. */
export interface PublishFinding {
  id: string
  file?: string | undefined
  reason: string
}

/** Checks a zip before it is published. */
export type VerifyZip = (
  zip: string,
  target: Pick<Publication, 'runtimes' | 'architectures'>,
  options: Pick<VerbOptions, 'signal'>,
) => Promise<{ ok: boolean; findings: readonly PublishFinding[] }>

export interface PublishOptions
  extends VerbOptions, PublicationOptions, Pick<FindBucketOptions, 'bucket' | 'createBucket' | 'pathStyle'> {
  aws: AwsSession
  /** Whether the object stays in the bucket. */
  keepObject?: boolean | undefined
  verify?: VerifyZip | undefined
  /** Whether it is published although `verify` has found it wrong. */
  force?: boolean | undefined
  /** Whether nothing is changed. */
  dryRun?: boolean | undefined
  pace?: PollOptions['pace']
  signal?: AbortSignal | undefined
}

export interface PublishResult extends Pick<
  Publication,
  'name' | 'size' | 'unzippedSize' | 'codeSha256' | 'runtimes' | 'architectures' | 'description' | 'licence'
> {
  /** Of the version; `undefined` where a dry run would create it. */
  arn: string | undefined
  version: number | undefined
  /** Whether a version was created, or would be; otherwise the newest one is the same. */
  created: boolean
  /** How the zip gets to Lambda; `none` when it need not. */
  through: 'request' | 's3' | 'none'
  /** The bucket, where it went through one. */
  bucket: string | undefined
  /** The object, where it stays. */
  key: string | undefined
  dryRun: boolean
  /** Milliseconds. */
  ms: number
}

/**
 * Publishes a layer's zip as a new version of a layer, unless the newest one has the same bytes and says that it is for the same.
 * What is too large for a request goes through S3.
 * @throws {UsageError} `FILE_NOT_READABLE`, `LAYER_NAME_INVALID`, `LAYER_TARGET_UNKNOWN`, `LAYER_TEXT_TOO_LONG`, `UNKNOWN_RUNTIME`,
 *   `UNKNOWN_ARCHITECTURE`
 * @throws {CruddurError} `LAYER_TOO_LARGE`, `LAYER_CHANGED`, `LAYER_JSON_INVALID`, `LAYER_NOT_VERIFIED`, `LAYER_UPLOAD_DAMAGED`,
 *   `LAYER_REQUEST_TOO_LARGE`, `LAYER_NOT_UNZIPPED`, `LAMBDA_STORAGE_FULL`, `BUCKET_…`, `ZIP_INVALID`, `AWS_…`
 * @throws {InterruptedError} Lambda may have the version all the same; the next run finds it
 */
export async function publishLayer(options: PublishOptions): Promise<PublishResult> {
  const started = performance.now()
  const { aws, signal, onProgress } = options
  const publication = await planPublication(options)
  await requireVerified(publication, options)
  const { Layers } = await import('./lambda/layers.ts')
  const layers = new Layers(aws, signal)
  try {
    const newest = await runStep(
      onProgress,
      'compare',
      `Looking for ${publication.name} in ${aws.region}`,
      () => layers.newest(publication.name),
    )
    const done =
      newest && isSame(newest, publication)
        ? unchanged(newest)
        : await bring(layers, publication, newest?.version ?? 0, options)
    const { name, size, unzippedSize, codeSha256, runtimes, architectures, description, licence } =
      publication
    return {
      name,
      ...done,
      size,
      unzippedSize,
      codeSha256,
      runtimes,
      architectures,
      description,
      licence,
      dryRun: options.dryRun ?? false,
      ms: performance.now() - started,
    }
  } finally {
    layers.close()
  }
}

/** What became of the zip. */
export type Outcome = Pick<PublishResult, 'arn' | 'version' | 'created' | 'through' | 'bucket' | 'key'>

function unchanged({ arn, version }: LayerVersion): Outcome {
  return { arn, version, created: false, through: 'none', bucket: undefined, key: undefined }
}

async function requireVerified(publication: Publication, options: PublishOptions): Promise<void> {
  const { verify, force = false, onProgress, signal } = options
  if (!verify) return
  const { ok, findings } = await runStep(onProgress, 'verify', 'Verifying', () =>
    verify(publication.zip, publication, { signal }),
  )
  if (ok) return
  const lines = findings.map(
    ({ id, file, reason }) => `${id}${file === undefined ? '' : ` ${file}`}: ${reason}`,
  )
  const text = `"${publication.zip}" would not work: ${findings.length} finding${findings.length === 1 ? '' : 's'}.`
  if (force)
    return onProgress?.({
      type: 'note',
      level: 'warning',
      text: `${text} It is published all the same (--force).`,
    })
  throw new CruddurError(text, {
    code: 'LAYER_NOT_VERIFIED',
    hint: 'cruddur layer verify says more; --force publishes it all the same.',
    context: lines.join('\n'),
    details: { file: publication.zip, findings },
  })
}
