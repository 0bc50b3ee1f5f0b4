import { isGroupId } from '../../ingress/aws-ids.ts'
import { CruddurError, UsageError } from '../../errors.ts'
import type { Database } from '../database.ts'
import type { Snapshot } from './snapshot.ts'
import { ownTags, rememberedSurroundings, type Surroundings } from './snapshot-memory.ts'
import { TAG } from '../tags.ts'
import { shortened } from '../../shortened.ts'

/** What a restored database is given besides its data. */
export type RestoreSettings = Surroundings &
  Pick<Database, 'tags' | 'copiesTags' | 'deletionProtection' | 'iamLogin'> & {
    port: number | undefined
    /** `DUAL`, where it is not IPv4 alone. */
    networkType: 'DUAL' | undefined
    /** Whether it goes on, for a price, when the standard support of its version ends. */
    extendedSupport: boolean
  }

/** What was said about it. */
export interface RestoreWishes {
  /** The ids of its security groups, or `default` alone for the default one of the VPC; those of the original otherwise. */
  groups?: readonly string[] | undefined
  /** The one to take where neither the original nor the snapshot knows of any. */
  otherwiseGroup?: string | undefined
  publiclyAccessible?: boolean | undefined
}

/** Stands for the default security group of the VPC, which AWS takes where it is given none. */
const DEFAULT = 'default'

/**
 * Refuses what cannot be the id of a security group, before AWS is asked.
 * @throws {UsageError} `SECURITY_GROUP_INVALID`
 */
export function requireGroups({ groups = [], otherwiseGroup }: RestoreWishes): void {
  if (groups.length === 1 && groups[0] === DEFAULT) return
  const given = otherwiseGroup === undefined || groups.length > 0 ? groups : [otherwiseGroup]
  const wrong = given.find((id) => !isGroupId(id))
  if (wrong === undefined) return
  throw new UsageError(`${JSON.stringify(shortened(wrong, 80))} is not the id of a security group.`, {
    code: 'SECURITY_GROUP_INVALID',
    hint: 'Ids look like sg-0123456789abcdef0; correct --group, or DB_SG_ID.',
  })
}

/**
 * What a restored database is given: as it was said, else as the original has it, else as the snapshot remembers it.
 * @param original `undefined` when it is gone
 * @throws {CruddurError} `SECURITY_GROUP_UNKNOWN`
 */
export function restoreSettings(
  snapshot: Snapshot,
  original: Database | undefined,
  wishes: RestoreWishes,
): RestoreSettings {
  const around: Surroundings = original ?? rememberedSurroundings(snapshot.tags)
  return {
    securityGroups: chooseGroups(snapshot, original, around.securityGroups, wishes),
    subnetGroup: around.subnetGroup,
    parameterGroup: fits(around.parameterGroup, snapshot, original) ? around.parameterGroup : undefined,
    className: around.className,
    publiclyAccessible: wishes.publiclyAccessible ?? around.publiclyAccessible,
    capacity: around.capacity,
    port: original?.endpoint?.port ?? snapshot.port,
    networkType: original?.networkType === 'DUAL' ? 'DUAL' : undefined,
    copiesTags: original?.copiesTags ?? true,
    deletionProtection: original?.deletionProtection ?? false,
    iamLogin: original?.iamLogin ?? snapshot.iamLogin,
    extendedSupport: original?.extendedSupport ?? false,
    tags: { ...ownTags(original?.tags ?? snapshot.tags), [TAG.restoredFrom]: snapshot.name },
  }
}

/** What differs from the original all the same, for people to know. */
export function restoreWarnings(
  snapshot: Snapshot,
  original: Database | undefined,
  settings: RestoreSettings,
): string[] {
  const warnings: string[] = []
  if (settings.securityGroups.length === 0)
    warnings.push(
      'It gets the default security group of its VPC, which lets nobody in from outside the group.',
    )
  if (original && isOwn(original.parameterGroup) && settings.parameterGroup === undefined)
    warnings.push(
      `It gets the default parameter group: ${original.parameterGroup} is for version ${major(original.version)}, the snapshot is of ${major(snapshot.version)}.`,
    )
  if (original?.multiAz && original.kind === 'instance')
    warnings.push(`${original.id} is in several zones (Multi-AZ), this one is in one.`)
  if (original?.masterLogin === 'managed')
    warnings.push(
      'Secrets Manager does not keep its password: set one with cruddur rds reset-password once it is available.',
    )
  return warnings
}

function chooseGroups(
  { name, databaseId }: Snapshot,
  original: Database | undefined,
  known: readonly string[],
  { groups, otherwiseGroup }: RestoreWishes,
): string[] {
  if (groups?.length === 1 && groups[0] === DEFAULT) return []
  if (groups && groups.length > 0) return [...groups]
  if (known.length > 0) return [...known]
  if (otherwiseGroup !== undefined) return [otherwiseGroup]
  throw new CruddurError(
    `Which security groups the database is to have is not known: ${original ? `${databaseId} has none` : `${databaseId} is gone, and its snapshot does not say`}.`,
    {
      code: 'SECURITY_GROUP_UNKNOWN',
      kind: 'refused',
      hint: 'Name them: --group sg-… (or DB_SG_ID). With --group default it gets the one that AWS would take, which lets nobody in from outside.',
      details: { snapshot: name, databaseId },
    },
  )
}

/** Default groups are AWS' own choice by the version. */
function isOwn(parameterGroup: string | undefined): parameterGroup is string {
  return parameterGroup !== undefined && !parameterGroup.startsWith('default.')
}

/** A parameter group is for one major version, and the original may have been upgraded since. */
function fits(
  parameterGroup: string | undefined,
  snapshot: Snapshot,
  original: Database | undefined,
): boolean {
  return isOwn(parameterGroup) && (!original || major(original.version) === major(snapshot.version))
}

function major(version: string): string {
  return version.split('.')[0] ?? ''
}
