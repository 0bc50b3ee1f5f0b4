import type { Snapshot } from '../rds/snapshots/snapshot.ts'
import { table } from './format.ts'

const HEADING = ['NAME', 'OF', 'STATUS', 'KIND', 'CREATED (UTC)', 'SIZE', 'ENGINE', 'ENCRYPTED']

/** How wide lines are where there is no terminal. */
const WIDE = 1000

function row(snapshot: Snapshot): string[] {
  const { name, databaseId, status, percent, type, createdAt, gib, engine, version, encrypted } = snapshot
  return [
    name,
    databaseId,
    status === 'creating' && percent !== undefined ? `${status} ${percent} %` : status,
    type,
    createdAt?.toISOString().slice(0, 16).replace('T', ' ') ?? '',
    gib === 0 ? '' : `${gib} GiB`,
    `${engine} ${version}`,
    encrypted ? 'yes' : 'no',
  ]
}

/** Snapshots as a table. */
export function snapshotTable(snapshots: readonly Snapshot[], width = WIDE): string {
  return table(HEADING, snapshots.map(row), width).join('\n')
}
