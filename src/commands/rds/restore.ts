import { string as stringArg } from '@oclif/core/args'
import { boolean, string } from '@oclif/core/flags'
import { InstanceCommand, powerFlags } from '../../lib/cli/instance-command.ts'
import { describeRestore } from '../../lib/cli/restore-text.ts'
import { moveProduction } from '../../lib/config/production-url.ts'
import { restoreSnapshot, type RestoreResult } from '../../lib/rds/snapshots/restore.ts'
import { parseConnectionUrl } from '../../lib/target/connection-url.ts'
import { databaseOfHost } from '../../lib/target/rds-host.ts'

export default class RdsRestore extends InstanceCommand {
  static override summary =
    'make a new RDS database from a snapshot, with the security groups of the original'
  static override description =
    'AWS alone would put it behind the default security group, where nobody reaches it. The settings are those of the original, or those that the snapshot remembers where the original is gone. The password is that of the time of the snapshot. The new database is called like the original if that is gone, else the same with -restored.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> cruddur-db-20261121-093000',
    '<%= config.bin %> <%= command.id %> before-migration cruddur-test --group sg-0123456789abcdef0',
  ]
  static override args = {
    snapshot: stringArg({ description: 'name of the snapshot', required: true, ignoreStdin: true }),
    instance: stringArg({ description: 'identifier of the new database', ignoreStdin: true }),
  }
  static override flags = {
    ...powerFlags,
    group: string({
      description:
        'a security group instead of those of the original; default for that of the VPC (DB_SG_ID)',
      helpValue: 'sg-…',
      multiple: true,
      multipleNonGreedy: true,
    }),
    use: boolean({ description: 'have PROD_CONNECTION_URL in .env lead to it, with the same password' }),
    public: boolean({
      description: 'whether it has a public address (default: as the original)',
      allowNo: true,
    }),
  }

  async run(): Promise<RestoreResult & { used: boolean }> {
    const { args, flags } = await this.parse(RdsRestore)
    const id = args.instance === undefined ? undefined : this.instanceId(args.instance)
    const result = await restoreSnapshot({
      aws: await this.awsSession(flags),
      snapshot: args.snapshot,
      id,
      groups: flags.group,
      otherwiseGroup: this.settings.find('DB_SG_ID')?.value,
      publiclyAccessible: flags.public,
      wait: flags.wait,
      timeout: flags.timeout,
      dryRun: flags['dry-run'],
      onProgress: this.onProgress,
      signal: this.signal,
    })
    for (const warning of result.warnings) this.note(warning)
    for (const line of describeRestore(result)) this.out(line)
    const used = flags.use && (await this.#use(result))
    return { ...result, used }
  }

  /** Only where the password is known that the snapshot has: in a URL that leads to its original. */
  async #use({ original, endpoint, dryRun }: RestoreResult): Promise<boolean> {
    const { settings } = this
    const host = settings.prodConnectionUrl && parseConnectionUrl(settings.prodConnectionUrl.value).host
    if (dryRun) return false
    if (!endpoint || host === undefined || databaseOfHost(host) !== original) {
      this.note(
        endpoint
          ? `PROD_CONNECTION_URL stays as it is: it does not lead to ${original}.`
          : 'PROD_CONNECTION_URL stays as it is: the new database has no address yet.',
      )
      return false
    }
    const { changed, source } = await moveProduction(settings, [host], endpoint)
    if (changed) this.out(`PROD_CONNECTION_URL in ${settings.envFile} leads to ${endpoint.host}.`)
    else
      this.note(`PROD_CONNECTION_URL in ${settings.envFile} stays as it is: it does not lead to ${original}.`)
    if (source?.endsWith('environment')) this.note(`${source} goes before that in ${settings.envFile}.`)
    return changed
  }
}
