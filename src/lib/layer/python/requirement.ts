import { validRange } from '@renovatebot/pep440'
import { UsageError } from '../../errors.ts'
import { type Marker, parseMarker } from './marker.ts'
import { normalizeName } from './package-name.ts'

/** A requirement as Python's packages and people write them (PEP 508). */
export interface Requirement {
  /** As in PEP 503: lower case, with single hyphens. */
  name: string
  extras: string[]
  /** e.g. `>=2.9,<3`; empty for any version. */
  specifier: string
  /** Where it is to come from instead of an index. */
  url: string | undefined
  marker: Marker | undefined
}

const NAME = String.raw`[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?`
const HEAD = new RegExp(String.raw`^(${NAME})\s*(?:\[([^\]]*)\])?\s*(.*)$`, 's')
const EXTRA = new RegExp(`^${NAME}$`)

/**
 * Reads a requirement, e.g. `requests[socks]>=2.31; python_version < "3.12"`.
 * @throws {UsageError} `INVALID_REQUIREMENT`
 */
export function parseRequirement(text: string): Requirement {
  const [, name, extras = '', rest = ''] = HEAD.exec(text.trim()) ?? []
  if (name === undefined) throw invalid(text)
  const isUrl = rest.startsWith('@')
  // Behind a URL only ` ;` begins the marker: a semicolon may be part of it.
  const [what, marker] = splitOnce(rest, isUrl ? /\s;/ : /;/)
  const specifier = isUrl
    ? ''
    : what
        .trim()
        .replace(/^\((.*)\)$/s, '$1')
        .replaceAll(/\s+/g, '')
  if (specifier !== '' && !validRange(specifier) && !specifier.startsWith('===')) throw invalid(text)
  return {
    name: normalizeName(name),
    extras: extrasOf(extras, text),
    specifier,
    url: isUrl ? what.slice(1).trim() : undefined,
    marker: marker === undefined ? undefined : parseMarker(marker),
  }
}

function splitOnce(text: string, separator: RegExp): [string, string?] {
  const found = separator.exec(text)
  return found ? [text.slice(0, found.index), text.slice(found.index + found[0].length)] : [text]
}

function extrasOf(list: string, text: string): string[] {
  const extras = list
    .split(',')
    .map((extra) => extra.trim())
    .filter(Boolean)
  if (extras.some((extra) => !EXTRA.test(extra))) throw invalid(text)
  return extras.map(normalizeName)
}

function invalid(text: string): UsageError {
  return new UsageError(`${JSON.stringify(text.slice(0, 200))} is not a requirement.`, {
    code: 'INVALID_REQUIREMENT',
    hint: 'Write a package like psycopg2-binary, pillow==11.3.0 or requests[socks]>=2.31.',
  })
}
