import { UsageError } from '../errors.ts'
import { readProfiles, requireProfile, type Profile } from './profiles.ts'
import { REGION_VARIABLES } from './region-variables.ts'

/** A value and where it comes from, for messages. */
export interface Sourced {
  value: string
  source: string
}

/** What is known of where and as whom AWS is to be asked, before anything is read of AWS' own files. */
export interface AwsChoice {
  profile?: Sourced | undefined
  region?: Sourced | undefined
  /** Asks a person for the code of an MFA device; without it a profile that needs one fails. */
  askMfaCode?: ((device: string) => Promise<string>) | undefined
  /** Is told each secret of the credentials before it is used, so that it can be masked. */
  onSecret?: ((secret: string) => void) | undefined
}

/** Where and as whom AWS is asked; what every verb on AWS takes. */
export interface AwsSession {
  region: string
  regionSource: string
  profile: string | undefined
  /** What each of the SDK's clients is made with. */
  clientOptions: ClientOptions
}

interface ClientOptions {
  region: string
  credentials: () => Promise<{
    accessKeyId: string
    secretAccessKey: string
    sessionToken?: string
    /** When they end; not there where they do not. */
    expiration?: Date
  }>
  maxAttempts: number
  /** Instead of AWS; the SDK also takes it from `AWS_ENDPOINT_URL`. */
  endpoint?: string
  requestHandler: { connectionTimeout: number; requestTimeout: number }
}

/** The first call and five more, when AWS limits requests or the network fails. The SDK waits longer each time. */
const MAX_ATTEMPTS = 6
/** Milliseconds. EC2 and RDS answer within a second or two. */
const CONNECTION_TIMEOUT = 3000
const REQUEST_TIMEOUT = 10_000

/**
 * Decides on region, profile and credentials. Nothing is sent: credentials are looked for with the first call.
 * @throws {UsageError} `AWS_PROFILE_UNKNOWN`, `AWS_REGION_MISSING`, `AWS_REGION_INVALID`
 */
export async function openAwsSession({
  profile,
  region,
  askMfaCode,
  onSecret,
}: AwsChoice): Promise<AwsSession> {
  const profiles = await readProfiles()
  const settings = profile ? requireProfile(profiles, profile.value, profile.source) : profiles.get('default')
  const found = region ?? regionOf(settings, profile?.value ?? 'default')
  if (!found) throw regionMissing(profile?.value ?? 'default')
  requireRegionName(found)
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node')
  const provider = defaultProvider({
    ...(profile ? { profile: profile.value } : {}),
    ...(askMfaCode ? { mfaCodeProvider: askMfaCode } : {}),
    clientConfig: { region: found.value },
  })
  return {
    region: found.value,
    regionSource: found.source,
    profile: profile?.value,
    clientOptions: {
      region: found.value,
      credentials: async () => {
        const credentials = await provider()
        tellSecrets(credentials, onSecret)
        return credentials
      },
      maxAttempts: MAX_ATTEMPTS,
      requestHandler: { connectionTimeout: CONNECTION_TIMEOUT, requestTimeout: REQUEST_TIMEOUT },
    },
  }
}

/** Emulators take any key, so people give them one that is no secret, `test` twice: a mask for it would garble every message. */
function tellSecrets(
  { accessKeyId, secretAccessKey, sessionToken }: Awaited<ReturnType<ClientOptions['credentials']>>,
  onSecret: AwsChoice['onSecret'],
): void {
  for (const secret of [secretAccessKey, sessionToken])
    if (secret !== undefined && secret !== accessKeyId) onSecret?.(secret)
}

function regionOf(settings: Profile | undefined, name: string): Sourced | undefined {
  const value = settings?.['region']
  return value === undefined ? undefined : { value, source: `the profile "${name}"` }
}

function regionMissing(profile: string): UsageError {
  return new UsageError(
    `No AWS region is set: it was looked for in --region, ${REGION_VARIABLES.join(', ')} and the profile "${profile}".`,
    {
      code: 'AWS_REGION_MISSING',
      hint: 'Name it: --region eu-central-1, or AWS_REGION in the environment or .env.',
    },
  )
}

/** Region names as AWS forms them, e.g. `eu-central-1`, `us-gov-west-1`, `cn-north-1`: they become part of host names. */
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d{1,2}$/

function requireRegionName({ value, source }: Sourced): void {
  if (REGION.test(value)) return
  throw new UsageError(
    `${JSON.stringify(value)} is not the name of an AWS region; it comes from ${source}.`,
    {
      code: 'AWS_REGION_INVALID',
      hint: /^[a-z]{2}(?:-[a-z]+)+-\d[a-z]$/.test(value)
        ? `That is an availability zone; its region is ${value.slice(0, -1)}.`
        : 'Names look like eu-central-1.',
    },
  )
}
