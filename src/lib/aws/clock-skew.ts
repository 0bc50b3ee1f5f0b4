/** Milliseconds. AWS takes signatures that are up to five minutes off ("Elements of an AWS API request signature", IAM user guide). */
const TOLERATED = 5 * 60_000

/**
 * How wrong this machine's clock is, by the date of the answer that an error of the SDK came with.
 * @returns e.g. `14 min slow`; `undefined` if that is not known, or too little to matter
 */
export function clockSkew(error: unknown, now = Date.now()): string | undefined {
  const { $response } = error as { $response?: { headers?: Readonly<Record<string, string>> } }
  const ahead = now - Date.parse($response?.headers?.['date'] ?? '')
  if (!(Math.abs(ahead) > TOLERATED)) return undefined
  return `${Math.round(Math.abs(ahead) / 60_000)} min ${ahead > 0 ? 'fast' : 'slow'}`
}
