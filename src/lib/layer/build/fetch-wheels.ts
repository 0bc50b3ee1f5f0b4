import { join } from 'node:path'
import { runStep } from '../../progress.ts'
import type { HttpClient } from '../http/http-client.ts'
import { downloadWheels, type DownloadedWheel } from '../resolve/download.ts'
import type { IndexSettings } from '../resolve/index-client.ts'
import { urlFiles } from '../resolve/requirement-limits.ts'
import { type ChosenWheel, counted } from './choose-wheels.ts'
import type { BuildPlan } from './plan-build.ts'

/**
 * Brings the wheels here, unless an earlier run left them; they are checked either way.
 * @returns in the order of the wheels
 * @throws what `downloadWheels` throws
 */
export async function fetchWheels(
  wheels: readonly ChosenWheel[],
  { inputs, index, options }: BuildPlan,
  cacheFolder: string,
  http: HttpClient,
): Promise<DownloadedWheel[]> {
  const { onProgress, signal } = options
  if (wheels.length === 0) return []
  // Where the choice is that of an earlier build, nobody has told it the logins.
  for (const url of [index, ...(inputs.kind === 'lock' ? [] : [inputs.index])].flatMap(urlsOf))
    http.logins.take(url)
  if (inputs.kind === 'requirements') urlFiles(inputs, http.logins)
  return runStep(
    onProgress,
    'download',
    'Downloading',
    () => downloadWheels(wheels, { folder: join(cacheFolder, 'wheels'), http, signal, onProgress }),
    describeFound,
  )
}

function urlsOf({ indexUrl, extraIndexUrls = [] }: IndexSettings): URL[] {
  return [indexUrl, ...extraIndexUrls].flatMap((text) => (text === undefined ? [] : (URL.parse(text) ?? [])))
}

function describeFound(wheels: readonly DownloadedWheel[]): string {
  const kept = wheels.filter(({ wasCached }) => wasCached).length
  const all = counted(wheels.length, 'wheel')
  if (kept === 0) return `${all} downloaded`
  return kept === wheels.length ? `${all}, here already` : `${all}, ${kept} of them here already`
}
