import type { ClusterState } from './cluster.ts'

/** How much of a long definition a difference shows. */
const SHOWN = 160

function show(entry: string): string {
  return entry.length > SHOWN ? `${entry.slice(0, SHOWN)}…` : entry
}

function lines(state: ClusterState): string[] {
  const found: string[] = []
  for (const [name, digest] of Object.entries(state.databases)) {
    found.push(`database ${name}`)
    for (const entry of digest.catalog) found.push(`${name}: ${entry.join(' | ')}`)
    for (const entry of digest.rows) found.push(`${name}: contents of ${entry.join(' | ')}`)
  }
  for (const role of state.roles) found.push(`role ${role}`)
  for (const setting of state.settings) found.push(`ALTER SYSTEM ${setting}`)
  return found
}

/** What each side has that the other lacks; duplicates count. */
function difference(one: string[], other: string[]): string[] {
  const left = new Map<string, number>()
  for (const line of other) left.set(line, (left.get(line) ?? 0) + 1)
  return one.filter((line) => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0
  })
}

/** The differences of two states of a cluster, readable; empty when they are the same. */
export function stateDifferences(expected: ClusterState, actual: ClusterState): string[] {
  const wanted = lines(expected)
  const found = lines(actual)
  return [
    ...difference(wanted, found).map((line) => `missing: ${show(line)}`),
    ...difference(found, wanted).map((line) => `too much: ${show(line)}`),
  ]
}
