import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { IndexFile } from '../resolve/index-file.ts'
import { lockInvalid, type Table, tableOf, textOf } from './toml-file.ts'

/**
 * A file as uv.lock and pylock.toml name it: `{url, hash, size}` or `{name, url | path, hashes, size}`.
 * @throws {UsageError} `LOCK_INVALID`
 */
export function lockedFile(entry: Table, lock: string): IndexFile {
  const path = textOf(entry['path'])
  const given = textOf(entry['url']) ?? (path && pathToFileURL(resolve(dirname(lock), path)).href)
  const url = given === undefined ? undefined : URL.parse(given)
  if (!url) throw lockInvalid(lock, 'a file in it has neither a URL nor a path')
  const hash = textOf(entry['hash']) ?? `sha256:${textOf(tableOf(entry['hashes'])['sha256']) ?? ''}`
  url.hash = ''
  url.username = ''
  url.password = ''
  return {
    fileName:
      textOf(entry['name']) ??
      textOf(entry['filename']) ??
      decodeURIComponent(url.pathname.split('/').at(-1) ?? ''),
    url: url.href,
    sha256: /^sha256:([\da-f]{64})$/i.exec(hash)?.[1]?.toLowerCase(),
    size: typeof entry['size'] === 'number' ? entry['size'] : undefined,
    requiresPython: undefined,
    yanked: false,
    metadata: false,
    uploaded: undefined,
  }
}

/** Hashes of files, when each has one. */
export function hashesOf(files: readonly IndexFile[]): ReadonlySet<string> | undefined {
  const hashes = files.map(({ sha256 }) => sha256).filter((hash) => hash !== undefined)
  return hashes.length > 0 && hashes.length === files.length ? new Set(hashes) : undefined
}
