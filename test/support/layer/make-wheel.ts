import { createHash } from 'node:crypto'
import type { MadeEntry } from './make-zip.ts'
import { makeZip } from './make-zip.ts'

/** A wheel that is made for a test. */
export interface WheelOptions {
  /** As in file names, `my_package`. */
  name?: string
  version?: string
  /** `cp313-cp313-manylinux_2_17_x86_64`; `py3-none-any` when not given. */
  tag?: string
  /** Contents by path. */
  files?: Readonly<Record<string, string | Buffer>>
  /** Modes by path; wheels of others have odd ones. */
  modes?: Readonly<Record<string, number>>
  /** Lines that are added to METADATA. */
  metadata?: readonly string[]
  /** Replaces or removes what is made: `{ RECORD: undefined }`. */
  distInfo?: Readonly<Record<string, string | undefined>>
}

/** A wheel in memory. */
export interface MadeWheel {
  file: string
  bytes: Buffer
}

/** Makes a wheel with metadata and a RECORD that is right. */
export function makeWheel(options: WheelOptions = {}): MadeWheel {
  const { name = 'made', version = '1.0', tag = 'py3-none-any', files = {}, modes = {} } = options
  const folder = `${name}-${version}.dist-info`
  const metadata = [
    'Metadata-Version: 2.1',
    `Name: ${name}`,
    `Version: ${version}`,
    ...(options.metadata ?? []),
  ]
  const own: Record<string, string | undefined> = {
    METADATA: `${metadata.join('\n')}\n\nWhat it is.\n`,
    WHEEL: `Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: ${tag}\n`,
    ...options.distInfo,
  }
  const contents = new Map<string, string | Buffer>(Object.entries(files))
  for (const [path, text] of Object.entries(own))
    if (text !== undefined && path !== 'RECORD') contents.set(`${folder}/${path}`, text)
  const rows = [...contents].map(([path, content]) => {
    const digest = createHash('sha256').update(content).digest('base64url')
    return `${/[",]/.test(path) ? JSON.stringify(path) : path},sha256=${digest},${Buffer.byteLength(content)}\n`
  })
  const record = 'RECORD' in own ? own['RECORD'] : `${rows.join('')}${folder}/RECORD,,\n`
  if (record !== undefined) contents.set(`${folder}/RECORD`, record)
  const entries: MadeEntry[] = [...contents].map(([path, content]) => ({
    name: path,
    content,
    mode: modes[path] ?? 0o100_644,
  }))
  return { file: `${name}-${version}-${tag}.whl`, bytes: makeZip(entries) }
}
