import { UsageError } from './errors.ts'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Reads a duration such as `30s`, `10m`, `1h30m`, or a bare number of seconds.
 * @returns milliseconds
 * @throws {UsageError} `INVALID_DURATION`
 */
export function parseDuration(text: string): number {
  const bare = /^\d+(?:\.\d+)?$/.test(text)
  const parts = bare ? [`${text}s`] : (text.match(/\d+(?:\.\d+)?(?:ms|[smhd])/g) ?? [])
  if (parts.length === 0 || parts.join('') !== (bare ? `${text}s` : text))
    throw new UsageError(`"${text}" is not a duration.`, {
      code: 'INVALID_DURATION',
      hint: 'Write it like 30s, 10m, 1h30m or 2d.',
    })
  return parts.reduce((sum, part) => {
    const [, amount = '0', unit = 's'] = /^([\d.]+)(\D+)$/.exec(part) ?? []
    return sum + Number(amount) * (UNITS[unit] ?? 0)
  }, 0)
}

/** A duration for people: `350 ms`, `4.2 s`, `3m 20s`, `2h 5m`, `3d 4h`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`
  const minutes = Math.floor(milliseconds / 60_000)
  if (minutes < 60) return `${minutes}m ${Math.floor((milliseconds % 60_000) / 1000)}s`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`
}
