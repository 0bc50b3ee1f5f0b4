import { boolean, string } from '@oclif/core/flags'
import { awsFlags } from './aws-command.ts'
import { duration } from './flags.ts'

/**
 * What a new instance is to be like. All values are texts, without a choice for oclif to check: mistakes are told all at once,
 * and without repeating what was typed for a password.
 */
export const instanceFlags = {
  class: string({ description: 'the instance class', helpValue: 'db.t4g.micro', helpGroup: 'INSTANCE' }),
  storage: string({ description: 'GB of storage', helpValue: '20', helpGroup: 'INSTANCE' }),
  'storage-type': string({
    description: 'gp3, gp2, io1, io2 or standard',
    helpValue: 'gp3',
    helpGroup: 'INSTANCE',
  }),
  'engine-version': string({
    description: 'the major of PostgreSQL; RDS takes a recent minor',
    helpValue: '17',
    helpGroup: 'INSTANCE',
  }),
  database: string({
    description: 'the database in it (default: named after the project)',
    helpValue: 'NAME',
    helpGroup: 'INSTANCE',
  }),
  user: string({
    description: 'the master user (default: named after the project)',
    helpValue: 'NAME',
    helpGroup: 'INSTANCE',
  }),
  port: string({ description: 'the port', helpValue: '5432', helpGroup: 'INSTANCE' }),
  group: string({
    description: 'a security group (DB_SG_ID, or the default one of the VPC)',
    helpValue: 'sg-…',
    multiple: true,
    multipleNonGreedy: true,
    helpGroup: 'INSTANCE',
  }),
  'subnet-group': string({ description: 'a DB subnet group', helpValue: 'NAME', helpGroup: 'INSTANCE' }),
  public: boolean({
    description:
      'let it be reached from outside its VPC, by those whom the security group lets in; on by default',
    allowNo: true,
    helpGroup: 'INSTANCE',
  }),
  'multi-az': boolean({ description: 'keep a standby in another zone', helpGroup: 'INSTANCE' }),
  zone: string({ description: 'the availability zone', helpValue: 'eu-central-1a', helpGroup: 'INSTANCE' }),
  'backup-days': string({ description: 'how long backups are kept', helpValue: '1', helpGroup: 'INSTANCE' }),
  prod: boolean({ description: 'protect it from being deleted', helpGroup: 'INSTANCE' }),
  password: string({
    description:
      'generated (default), managed by Secrets Manager, or stdin: read from the input or asked for; never the password itself',
    helpValue: 'generated|managed|stdin',
    helpGroup: 'INSTANCE',
  }),
  auth: string({
    description: 'how the master user logs in; iam is without a password',
    helpValue: 'password|iam',
    helpGroup: 'INSTANCE',
  }),
}

/** The flags of `rds create`. */
export const createFlags = {
  ...awsFlags,
  ...instanceFlags,
  yes: boolean({ char: 'y', description: 'do not ask' }),
  force: boolean({ description: 'overwrite a PROD_CONNECTION_URL of another database' }),
  wait: boolean({ description: 'wait until it is available', default: true, allowNo: true }),
  timeout: duration({ description: 'wait no longer than this', helpValue: '40m' }),
  'dry-run': boolean({ description: 'only say what would be made, and what it costs' }),
}
