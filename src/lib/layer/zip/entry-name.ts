/** Bytes of the longest part of a path, and of a path (Linux: NAME_MAX, PATH_MAX). */
const LONGEST_PART = 255
const LONGEST_NAME = 4095

/**
 * Why a name of a zip entry must not be used, or `undefined` for one that leads to a file below the folder it is unpacked in,
 * and is written in the one way there is.
 * @param name with slashes; a folder's ends with one
 */
export function nameProblem(name: string): string | undefined {
  if (name === '' || name === '/') return 'it is empty'
  if (name.includes('\0')) return 'it has a NUL in it'
  if (name.includes('\\')) return 'it has a backslash in it'
  if (name.startsWith('/')) return 'it is absolute'
  if (/^[a-z]:/i.test(name)) return 'it begins with a drive'
  const parts = (name.endsWith('/') ? name.slice(0, -1) : name).split('/')
  if (parts.includes('..')) return 'it leads out of the folder'
  if (parts.some((part) => part === '' || part === '.')) return 'it has an empty part'
  if (Buffer.byteLength(name) > LONGEST_NAME || parts.some((part) => Buffer.byteLength(part) > LONGEST_PART))
    return 'it is longer than Linux allows'
  return undefined
}

/** Why a set of names cannot be unpacked into one folder, naming the first that is in the way; `undefined` when it can. */
export function namesProblem(names: Iterable<string>): { name: string; reason: string } | undefined {
  const files = new Set<string>()
  const folders = new Set<string>()
  for (const name of names) {
    const path = name.endsWith('/') ? name.slice(0, -1) : name
    if (name === path ? files.has(path) : folders.has(`${path}/`))
      return { name, reason: 'it is there twice' }
    if (name === path) files.add(path)
    else folders.add(name)
  }
  const parents = new Set<string>()
  for (const name of [...files, ...folders]) {
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
      const parent = name.slice(0, end)
      if (parents.has(parent)) break
      parents.add(parent)
      if (files.has(parent)) return { name: parent, reason: 'it is a file and a folder' }
    }
  }
  return undefined
}

/**
 * Names that are different on Linux but one file on a disk that ignores case, as those of macOS and Windows do.
 * @returns the names, in groups of two or more
 */
export function caseClashes(names: Iterable<string>): string[][] {
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const folded = name.normalize('NFC').toLowerCase()
    const group = groups.get(folded)
    if (group) group.push(name)
    else groups.set(folded, [name])
  }
  return [...groups.values()].filter((group) => group.length > 1)
}

/**
 * Whether a symbolic link stays within the folder that its zip is unpacked in.
 * @param name the link's own name
 * @param target what it says
 */
export function linkStaysInside(name: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\0')) return false
  let depth = name.split('/').length - 1
  for (const part of target.split('/')) {
    if (part === '..') depth -= 1
    else if (part !== '' && part !== '.') depth += 1
    if (depth < 0) return false
  }
  return true
}
