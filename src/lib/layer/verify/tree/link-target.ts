import { posix } from 'node:path'

/**
 * Where in the layer a link leads to, as a path from its root.
 * @param name the link's own path
 * @param target what it says: relative, and staying inside
 */
export function linkTarget(name: string, target: string): string {
  return posix.join(posix.dirname(name), target).replace(/\/$/, '')
}
