import type { StorageType } from './create-rules.ts'
import type { DatabaseKind } from '../database.ts'
import type { NewLogin } from '../login/password-modes.ts'

/** What both kinds have; checked, and without any secret. */
interface NewBase {
  id: string
  /** The major only: RDS takes a recent minor. */
  engineVersion: string
  port: number
  databaseName: string
  masterUser: string
  login: NewLogin
  publiclyAccessible: boolean
  /** How long automated backups are kept; 0, which only instances may have, for none. */
  backupDays: number
  deletionProtection: boolean
  /** The ids of its VPC security groups; none means the default one of the VPC. */
  securityGroups: readonly string[]
  subnetGroup: string | undefined
  /** The project that it is for. */
  project: string
}

/** An instance that is to be made. */
export interface NewInstance extends NewBase {
  kind: 'instance'
  className: string
  storage: { gib: number; type: StorageType; iops: number | undefined }
  multiAz: boolean
  /** The availability zone; AWS chooses one if it is not given. */
  zone: string | undefined
}

/** A cluster of Aurora Serverless v2 that is to be made, with one instance (see `firstInstanceOf`). */
export interface NewCluster extends NewBase {
  kind: 'cluster'
  /** In Aurora capacity units; and after how many seconds without connections it pauses, if it may. */
  capacity: { min: number; max: number; pausesAfter: number | undefined }
}

/** A database that is to be made. */
export type NewDatabase = NewInstance | NewCluster

/** The engines of the databases that are made, as RDS names them. */
export const ENGINE: Readonly<Record<DatabaseKind, string>> = {
  instance: 'postgres',
  cluster: 'aurora-postgresql',
}

/** The identifier of the instance that a new cluster gets. */
export function firstInstanceOf(cluster: string): string {
  return `${cluster}-1`
}

/** Characters that an identifier may have; that of a cluster so that its instance's may, too. */
export const IDENTIFIER_LENGTH: Readonly<Record<DatabaseKind, number>> = {
  instance: 63,
  cluster: 63 - firstInstanceOf('').length,
}
