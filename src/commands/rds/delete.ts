import { boolean, string } from '@oclif/core/flags'
import { nameConfirmation } from '../../lib/cli/confirm-name.ts'
import { describeDelete } from '../../lib/cli/delete-text.ts'
import { InstanceCommand, instanceArgs, powerFlags } from '../../lib/cli/instance-command.ts'
import { forgetProduction } from '../../lib/config/production-url.ts'
import { UsageError } from '../../lib/errors.ts'
import { deleteDatabase, type DeleteResult } from '../../lib/rds/delete/delete.ts'

export default class RdsDelete extends InstanceCommand {
  static override summary = 'delete an RDS instance or an Aurora cluster, after a final snapshot'
  static override description =
    'It asks for the identifier on a terminal; elsewhere it needs --confirm. A stopped database is started first: AWS takes no snapshot of it otherwise. The final snapshot remembers the security groups, for rds restore. Ctrl-C ends the waiting, not the deletion.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> cruddur-db --dry-run',
    '<%= config.bin %> <%= command.id %> cruddur-db --confirm cruddur-db',
  ]
  static override args = instanceArgs
  static override flags = {
    ...powerFlags,
    confirm: string({ description: 'the identifier, instead of being asked for it', helpValue: 'NAME' }),
    snapshot: boolean({ description: 'take a final snapshot', default: true, allowNo: true }),
    'snapshot-name': string({
      description: 'the name of the final snapshot (default: the identifier and the time)',
      helpValue: 'NAME',
    }),
    'keep-backups': boolean({ description: 'keep the automated backups until they expire' }),
    unprotect: boolean({ description: 'switch the deletion protection off first' }),
    forget: boolean({ description: 'take PROD_CONNECTION_URL out of .env, if it leads there' }),
  }

  async run(): Promise<DeleteResult & { forgotten: boolean }> {
    const { args, flags } = await this.parse(RdsDelete)
    const result = await deleteDatabase({
      ...(await this.powerOptions(args.instance, flags)),
      snapshot: this.#finalSnapshot(flags.snapshot, flags['snapshot-name']),
      keepBackups: flags['keep-backups'],
      unprotect: flags.unprotect,
      confirmation: nameConfirmation(flags.confirm, this.signal),
    })
    for (const warning of result.warnings) this.note(warning)
    for (const line of describeDelete(result)) this.out(line)
    const forgotten = await this.#forget(result, flags.forget)
    return { ...result, forgotten }
  }

  #finalSnapshot(isWanted: boolean, name: string | undefined): string | false | undefined {
    if (isWanted || name === undefined) return isWanted && name
    throw new UsageError('--snapshot-name and --no-snapshot contradict each other.', {
      code: 'USAGE',
      hint: 'Leave one of them out.',
    })
  }

  /** What leads to what is gone is not changed unasked, but told. */
  async #forget({ endpoint, dryRun }: DeleteResult, isWanted: boolean): Promise<boolean> {
    if (!endpoint || dryRun) return false
    const { leadsThere, changed, source } = await forgetProduction(this.settings, endpoint.host, isWanted)
    if (changed) this.out(`PROD_CONNECTION_URL is no longer in ${this.settings.envFile}.`)
    else if (leadsThere)
      this.note(
        `${source} leads to it still${isWanted ? '' : '; with --forget it would have been taken out of .env'}.`,
      )
    return changed
  }
}
