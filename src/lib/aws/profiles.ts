import { UsageError } from '../errors.ts'
import { nearest } from '../nearest.ts'

/** The settings of a profile, as `~/.aws/config` and `~/.aws/credentials` hold them, in lower case. */
export type Profile = Readonly<Record<string, string | undefined>>

/**
 * Reads the profiles of AWS' shared files (`AWS_CONFIG_FILE`, `AWS_SHARED_CREDENTIALS_FILE` or those in `~/.aws`). A file
 * that is not there holds none.
 */
export async function readProfiles(): Promise<ReadonlyMap<string, Profile>> {
  const { loadSharedConfigFiles } = await import('@smithy/shared-ini-file-loader')
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true })
  const names = new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)])
  return new Map([...names].map((name) => [name, { ...credentialsFile[name], ...configFile[name] }]))
}

/**
 * Finds a profile that was asked for. Without this the SDK reports a slip of the pen as a missing region.
 * @param source where the name comes from, for the message
 * @throws {UsageError} `AWS_PROFILE_UNKNOWN`
 */
export function requireProfile(
  profiles: ReadonlyMap<string, Profile>,
  name: string,
  source: string,
): Profile {
  const found = profiles.get(name)
  if (found) return found
  const near = nearest(name, [...profiles.keys()])
  throw new UsageError(
    `There is no profile "${name}" in the AWS configuration; the name comes from ${source}.`,
    {
      code: 'AWS_PROFILE_UNKNOWN',
      hint:
        near === undefined ? 'aws configure list-profiles shows those there are.' : `Did you mean "${near}"?`,
      details: { profile: name, profiles: [...profiles.keys()] },
    },
  )
}
