import { isAbsolute, join } from 'node:path'
import type { Settings } from './settings.ts'

/** Where programs keep what they could fetch again (XDG Base Directory Specification; Windows has its own place). */
export function cacheFolder({ environment, home }: Pick<Settings, 'environment' | 'home'>): string {
  const named = environment['XDG_CACHE_HOME'] ?? environment['LOCALAPPDATA']
  if (named !== undefined && isAbsolute(named)) return join(named, 'cruddur')
  return join(home ?? '.', '.cache', 'cruddur')
}
