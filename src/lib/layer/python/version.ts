import { explain, parse } from '@renovatebot/pep440'

/** A version of a Python package taken apart (PEP 440), in a form that is quick to compare. */
export interface Version {
  /** As the index writes it. */
  text: string
  /** In the one spelling that all spellings of it stand for: `1.0rc1` for `1.0-RC.1`. */
  normal: string
  epoch: number
  /** Without zeros at its end: `1.0` and `1` are the same version. */
  release: readonly number[]
  /** `a`, `b` or `rc` and its number. */
  pre: readonly [string, number] | undefined
  /** Number of the post release. */
  post: number | undefined
  /** Number of the development release. */
  dev: number | undefined
  /** Parts of the local version behind `+`. */
  local: readonly (string | number)[]
}

const parsed = new Map<string, Version | undefined>()

/** Takes a version apart; `undefined` if it is none. Indexes still have names such as `2004d-dev`. */
export function parseVersion(text: string): Version | undefined {
  if (parsed.has(text)) return parsed.get(text)
  const version = read(text)
  parsed.set(text, version)
  return version
}

function read(text: string): Version | undefined {
  const found = parse(text.trim())
  if (!found) return undefined
  const local = localParts(text)
  const release = found.release.map(Number)
  while (release.length > 1 && release.at(-1) === 0) release.pop()
  const [letter, number] = found.pre ?? []
  return {
    text,
    normal: [explain(text.trim())?.public, ...(local.length > 0 ? [local.join('.')] : [])].join('+'),
    epoch: found.epoch,
    release,
    pre: letter === undefined ? undefined : [String(letter), Number(number)],
    post: found.post ? Number(found.post[1]) : undefined,
    dev: found.dev ? Number(found.dev[1]) : undefined,
    local,
  }
}

function localParts(text: string): (string | number)[] {
  const [, local] = text.trim().toLowerCase().split('+', 2)
  return (local?.split(/[-_.]/) ?? []).map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}

/** Whether it is an alpha, beta, candidate or development release. */
export function isPrerelease({ pre, dev }: Version): boolean {
  return pre !== undefined || dev !== undefined
}

/** Below zero if `a` is older, above zero if it is newer, 0 if they are the same version. */
export function compareVersions(a: Version, b: Version): number {
  return comparePublic(a, b) || compareLocal(a.local, b.local)
}

/** The same without the local parts. */
export function comparePublic(a: Version, b: Version): number {
  return (
    a.epoch - b.epoch ||
    compareNumbers(a.release, b.release) ||
    compareNumbers(phase(a), phase(b)) ||
    (a.pre?.[1] ?? 0) - (b.pre?.[1] ?? 0) ||
    (a.post ?? -1) - (b.post ?? -1) ||
    (a.dev ?? Infinity) - (b.dev ?? Infinity) ||
    0
  )
}

/** Where a version is on the way to its final release: `1.dev1`, `1a1`, `1b1`, `1rc1`, `1`. */
function phase({ pre, post, dev }: Version): readonly number[] {
  if (pre) return [['a', 'b', 'rc'].indexOf(pre[0])]
  return [post === undefined && dev !== undefined ? -1 : 3]
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  const length = Math.max(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function compareLocal(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [left, right] = [a[index], b[index]]
    if (left === right) continue
    if (left === undefined) return -1
    if (right === undefined) return 1
    if (typeof left === 'number' && typeof right === 'number') return left - right
    // A number is newer than a word.
    if (typeof left !== typeof right) return typeof left === 'number' ? 1 : -1
    return left < right ? -1 : 1
  }
  return 0
}
