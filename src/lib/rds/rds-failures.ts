import { CruddurError } from '../errors.ts'

/** What RDS refuses when something is to be made, in our words. */
interface RdsFailure {
  /** How the SDK's name for it begins: what RDS' model knows ends with `Fault`. */
  name: string
  /** What must stand in AWS' own words for this one; any will do if it is not given. The first that fits counts. */
  says?: RegExp
  code: string
  /** Says what happened, as a sentence without its end; what AWS says follows. */
  text: string
  /** What to do. */
  hint: string
}

/** From "CreateDBInstance" of the RDS API reference; the unmodelled ones from what people report of them. */
const RDS_FAILURES: readonly RdsFailure[] = [
  {
    name: 'FreeTierRestrictionError',
    says: /backup/i,
    code: 'FREE_PLAN',
    text: "The account's free plan does not keep backups for so long",
    hint: 'Ask for less: --backup-days 1, or 0 for none; or upgrade the plan of the account.',
  },
  {
    name: 'FreeTierRestrictionError',
    says: /size|class/i,
    code: 'FREE_PLAN',
    text: "The account's free plan does not have this class",
    hint: 'Try --class db.t4g.micro or db.t3.micro, or upgrade the plan of the account.',
  },
  {
    name: 'FreeTierRestrictionError',
    code: 'FREE_PLAN',
    text: "The account's free plan does not allow this",
    hint: 'Try the defaults: db.t4g.micro, 20 GB, one day of backups; or upgrade the plan of the account.',
  },
  {
    name: 'InstanceQuotaExceeded',
    code: 'QUOTA_REACHED',
    text: 'The account has as many RDS instances as it may have in this region',
    hint: 'Delete one (cruddur rds delete), or ask for more: Service Quotas, Amazon RDS, "DB instances".',
  },
  {
    name: 'StorageQuotaExceeded',
    code: 'QUOTA_REACHED',
    text: 'All RDS instances together would have more storage than the account may have in this region',
    hint: 'Ask for less with --storage, or for more: Service Quotas, Amazon RDS, "Total storage for all DB instances".',
  },
  {
    name: 'InsufficientDBInstanceCapacity',
    code: 'NO_CAPACITY',
    text: 'AWS has no machine of this class left there',
    hint: 'Try again later, another --class, or another --zone (without one, AWS chooses).',
  },
  {
    name: 'InvalidVPCNetworkState',
    code: 'NETWORK_UNFIT',
    text: 'The network is not fit for the instance',
    hint: 'To be publicly accessible it needs a VPC with an internet gateway, DNS hostnames and DNS resolution; --no-public does without, --subnet-group names another network.',
  },
  {
    name: 'VpcEncryptionControlViolation',
    code: 'NETWORK_UNFIT',
    text: "The VPC's encryption controls do not let the instance in",
    hint: 'Try another --class, or another network with --subnet-group.',
  },
  {
    name: 'NetworkTypeNotSupported',
    code: 'NETWORK_UNFIT',
    text: 'The subnets do not have the addresses that the instance needs',
    hint: 'Name another network with --subnet-group.',
  },
  {
    name: 'DBSubnetGroupNotFound',
    code: 'SUBNET_GROUP_UNFIT',
    text: 'There is no such subnet group in this region',
    hint: 'aws rds describe-db-subnet-groups lists them; without --subnet-group the default VPC is used.',
  },
  {
    name: 'DBSubnetGroupDoesNotCoverEnoughAZs',
    code: 'SUBNET_GROUP_UNFIT',
    text: 'The subnet group lies in too few availability zones',
    hint: 'It needs subnets in two zones at least: add one, or name another with --subnet-group.',
  },
  {
    name: 'InvalidSubnet',
    code: 'SUBNET_GROUP_UNFIT',
    text: 'The subnets are not fit for the instance, or there is no default VPC',
    hint: 'Name a network with --subnet-group, or make the default VPC again: aws ec2 create-default-vpc',
  },
  {
    name: 'StorageTypeNotSupported',
    code: 'STORAGE_UNFIT',
    text: 'This type of storage does not go with the class there',
    hint: 'Try --storage-type gp3, or another --class.',
  },
  {
    name: 'ProvisionedIopsNotAvailableInAZ',
    code: 'STORAGE_UNFIT',
    text: 'There is no storage with provisioned IOPS in the availability zone',
    hint: 'Try --storage-type gp3, or another --zone.',
  },
  {
    name: 'KMSKeyNotAccessible',
    code: 'KEY_UNFIT',
    text: 'The key for the encryption cannot be used',
    hint: 'Is the key aws/rds of this region enabled, and may you use it (kms:DescribeKey, kms:CreateGrant)?',
  },
  {
    name: 'InvalidParameter',
    says: /cannot find version|engine version|standard support/i,
    code: 'CREATE_REFUSED',
    text: 'RDS does not make instances of this version',
    hint: 'Try another --engine-version, e.g. 18.',
  },
  {
    name: 'InvalidParameter',
    says: /security group/i,
    code: 'CREATE_REFUSED',
    text: 'RDS does not take the security group',
    hint: 'It must be of this region and of the VPC of the instance: correct --group, or DB_SG_ID.',
  },
  {
    name: 'InvalidParameter',
    says: /combination|does not support|instance class/i,
    code: 'CREATE_REFUSED',
    text: 'RDS does not make instances with this combination',
    hint: 'Not every class is there in each region and for each version: try another --class, e.g. db.t3.micro.',
  },
  {
    name: 'InvalidParameter',
    code: 'CREATE_REFUSED',
    text: 'RDS does not take one of the inputs',
    hint: 'What AWS says names it; cruddur rds create --help has the flag for it.',
  },
]

/** In what AWS says of a missing permission: the action, which need not be the one that was called. */
const MISSING_ACTION = /not authorized to perform:? ([a-z0-9-]+:\w+)/i

/**
 * What RDS refused to make something for, in words that say what to do.
 * @param id what was to be made
 * @param error as `callAws` throws it
 * @returns another error with AWS' own words in it, or the same where there is nothing to add
 */
export function explainRefusal(id: string, error: unknown): unknown {
  if (!(error instanceof CruddurError) || !(error.cause instanceof Error)) return error
  const { name, message } = error.cause
  const { code, context, details, cause } = error
  if (code === 'AWS_NOT_ALLOWED') {
    const missing = MISSING_ACTION.exec(message)?.[1] ?? String(details['action'])
    const hint = `Ask whoever administers the account for ${missing}. Making an instance also needs rds:AddTagsToResource; with a managed password secretsmanager:CreateSecret, secretsmanager:TagResource and kms:DescribeKey.`
    return new CruddurError(error.message, { code, hint, context, details: { ...details, missing }, cause })
  }
  const failure = RDS_FAILURES.find((one) => name.startsWith(one.name) && (one.says?.test(message) ?? true))
  if (!failure) return error
  const text = `${failure.text}, so ${id} was not made. ${error.message}`
  return new CruddurError(text, { code: failure.code, hint: failure.hint, details, cause })
}
