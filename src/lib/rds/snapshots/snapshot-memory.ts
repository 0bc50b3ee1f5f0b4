import type { Database } from '../database.ts'
import { TAG } from '../tags.ts'

/**
 * What a snapshot does not hold of its database. Restored without it, a database stands behind the default security group
 * of its VPC, where nobody reaches it.
 */
export type Surroundings = Pick<
  Database,
  'securityGroups' | 'subnetGroup' | 'parameterGroup' | 'className' | 'capacity'
> & { publiclyAccessible: boolean | undefined }

/** The tags by which a snapshot remembers where its database stood. */
export function surroundingTags(around: Surroundings): Record<string, string> {
  const { securityGroups, subnetGroup, parameterGroup, publiclyAccessible, className, capacity } = around
  const tags: Record<string, string | undefined> = {
    // A value may hold spaces, but no commas.
    [TAG.securityGroups]: securityGroups.join(' ') || undefined,
    [TAG.subnetGroup]: subnetGroup,
    [TAG.parameterGroup]: parameterGroup,
    [TAG.className]: className,
    [TAG.publiclyAccessible]:
      publiclyAccessible === undefined ? undefined : publiclyAccessible ? 'yes' : 'no',
    [TAG.capacity]: capacity && `${capacity.min} ${capacity.max}`,
  }
  return Object.fromEntries(
    Object.entries(tags).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

/** What the tags of a snapshot say of where its database stood. */
export function rememberedSurroundings(tags: Readonly<Record<string, string>>): Surroundings {
  const [min, max] = (tags[TAG.capacity] ?? '').split(' ').map(Number)
  const isPublic = tags[TAG.publiclyAccessible]
  return {
    securityGroups: (tags[TAG.securityGroups] ?? '').split(' ').filter((id) => id !== ''),
    subnetGroup: tags[TAG.subnetGroup],
    parameterGroup: tags[TAG.parameterGroup],
    className: tags[TAG.className],
    publiclyAccessible: isPublic === undefined ? undefined : isPublic === 'yes',
    capacity: min === undefined || max === undefined ? undefined : { min, max },
  }
}

/** What no other resource must be marked with. */
const PRIVATE: ReadonlySet<string> = new Set([
  TAG.keepStopped,
  TAG.restoredFrom,
  TAG.securityGroups,
  TAG.subnetGroup,
  TAG.parameterGroup,
  TAG.className,
  TAG.publiclyAccessible,
  TAG.capacity,
])

/** The tags of a database that may be given to another resource: neither those that AWS keeps for
 * itself, nor what is true of this one only. */
export function ownTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tags).filter(([key]) => !key.startsWith('aws:') && !PRIVATE.has(key)),
  )
}
