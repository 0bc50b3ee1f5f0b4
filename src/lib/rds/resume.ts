import type { AwsSession } from '../aws/session.ts'

/**
 * A command as a person would type it to go on where this run ends, with the region and the profile of this one.
 * @param words behind `cruddur`, e.g. `rds stop cruddur-db`
 */
export function cruddurCommand(words: string, { region, profile }: AwsSession): string {
  return `cruddur ${words} --region ${region}${profile === undefined ? '' : ` --profile ${profile}`}`
}
