import { FINDING_KINDS, type FindingId, type Severity } from './finding-table.ts'

/** Something that verify has found. */
export interface Finding {
  id: FindingId
  severity: Severity
  /** The file or folder in the layer that it is about, with slashes; empty when it is about all of it. */
  file: string
  /** What is the matter, as one sentence. */
  reason: string
  /** What to do about it, as one sentence; empty when there is nothing to do. */
  remedy: string
  /** The very words of Lambda, Python or the loader that production would show. */
  production?: string
  /** Facts for programs. */
  details: Record<string, unknown>
}

/** What a finding says besides its id. */
export type FindingParts = Pick<Finding, 'reason'> & Partial<Omit<Finding, 'id' | 'reason'>>

/** Makes a finding; its severity is that of its kind unless said otherwise. */
export function finding(id: FindingId, parts: FindingParts): Finding {
  return { id, severity: FINDING_KINDS[id].severity, file: '', remedy: '', details: {}, ...parts }
}

const ORDER: readonly Severity[] = ['error', 'warning', 'info']

/** The gravest first; those of one kind together, by file. Repetitions are left out. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const ids = Object.keys(FINDING_KINDS)
  const known = new Map(findings.map((one) => [`${one.id}\0${one.file}\0${one.reason}`, one]))
  return [...known.values()].toSorted(
    (a, b) =>
      ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) ||
      ids.indexOf(a.id) - ids.indexOf(b.id) ||
      (a.file < b.file ? -1 : Number(a.file > b.file)),
  )
}

/** How many findings there are of each severity. */
export function countFindings(findings: readonly Finding[]): Record<Severity, number> {
  const counts = { error: 0, warning: 0, info: 0 }
  for (const { severity } of findings) counts[severity] += 1
  return counts
}
