import { CruddurError, throwIfAborted } from '../../errors.ts'
import { groupedDigits } from '../../grouped-digits.ts'
import { LIMITS } from '../limits.ts'
import type { ZipArchive } from './read-zip.ts'

/** Entries that are unpacked at once: as many threads as Node has for it. */
const AT_ONCE = 4

/** Bytes of an entry that is unpacked while no other large one is, so that memory stays within bounds whatever a zip holds. */
const LARGE = 33_554_432

/** Bytes that a zip may have unpacked: four times what Lambda takes, so that one that is merely too large is still checked. */
const MOST_BYTES = 4 * LIMITS.unzipped

/**
 * Unpacks every entry of a zip in memory and compares its size and CRC.
 * @param signal ends the work
 * @throws {CruddurError} `ZIP_INVALID`, `ZIP_UNSUPPORTED`, `ZIP_ENTRY_TOO_LARGE`, `ZIP_TOO_LARGE`, `INTERRUPTED`
 */
export async function checkContents(archive: ZipArchive, signal?: AbortSignal): Promise<void> {
  requireBearable(archive)
  const queue = archive.entries.values()
  let large: Promise<unknown> = Promise.resolve()
  let failed = false
  const worker = async (): Promise<void> => {
    for (const entry of queue) {
      if (failed) return
      throwIfAborted(signal)
      if (entry.size < LARGE) await archive.contentLater(entry)
      else await (large = large.then(() => archive.contentLater(entry)).then(() => undefined))
    }
  }
  const stopOthers = (error: unknown) => {
    failed = true
    throw error
  }
  // All of them are waited for: the caller may close the zip then.
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => worker().catch(stopOthers)))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

function requireBearable({ entries, name }: ZipArchive): void {
  const total = entries.reduce((sum, { size }) => sum + size, 0)
  if (total <= MOST_BYTES) return
  throw new CruddurError(
    `"${name}" has ${groupedDigits(total)} bytes unpacked, more than the ${groupedDigits(MOST_BYTES)} that are read.`,
    {
      code: 'ZIP_TOO_LARGE',
      hint: `Lambda takes less than ${groupedDigits(LIMITS.unzipped)} bytes in all.`,
      details: { file: name, size: total, limit: MOST_BYTES },
    },
  )
}
