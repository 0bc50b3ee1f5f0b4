import { stat, utimes } from 'node:fs/promises'
import type { LayerJson } from '../layer-json.ts'
import { digestOf } from '../resolve/file-hash.ts'

/**
 * Whether a zip is still the one that the file beside it describes. It was written before that file; so when it has not been touched since,
 * its size is enough, and else all of it is read.
 * @param json path of the file beside it
 */
export async function isAsDescribed(
  zip: string,
  json: string,
  { sizes, codeSha256 }: LayerJson,
): Promise<boolean> {
  try {
    const [zipStat, jsonStat] = await Promise.all([zip, json].map((path) => stat(path, { bigint: true })))
    if (!zipStat?.isFile() || !jsonStat || zipStat.size !== BigInt(sizes.zip)) return false
    // Not the time of modification, which anybody can set.
    if (zipStat.ctimeNs < jsonStat.ctimeNs && zipStat.mtimeNs < jsonStat.mtimeNs) return true
    const { sha256 } = await digestOf(zip)
    return sha256 === Buffer.from(codeSha256, 'base64').toString('hex')
  } catch {
    // It is not there, or cannot be read: then it is built.
    return false
  }
}

/** Makes a layer the one that was built last; also the one whose zip need not be read the next time. */
export async function touch(json: string, now: Date): Promise<void> {
  // Who may not write there is not kept from finding that nothing has changed.
  await utimes(json, now, now).catch(() => undefined)
}
