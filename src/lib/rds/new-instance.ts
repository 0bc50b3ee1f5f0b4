import type { StorageType } from './create-rules.ts'
import type { NewLogin } from './password-modes.ts'

/** An instance that is to be made; checked, and without any secret. */
export interface NewInstance {
  kind: 'instance'
  id: string
  /** The major only: RDS takes a recent minor. */
  engineVersion: string
  className: string
  storage: { gib: number; type: StorageType; iops: number | undefined }
  port: number
  databaseName: string
  masterUser: string
  login: NewLogin
  publiclyAccessible: boolean
  multiAz: boolean
  /** The availability zone; AWS chooses one if it is not given. */
  zone: string | undefined
  /** How long automated backups are kept; 0 for none. */
  backupDays: number
  deletionProtection: boolean
  /** The ids of its VPC security groups; none means the default one of the VPC. */
  securityGroups: readonly string[]
  subnetGroup: string | undefined
  /** The project that it is for. */
  project: string
}
