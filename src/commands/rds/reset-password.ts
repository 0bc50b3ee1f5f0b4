import { boolean, string } from '@oclif/core/flags'
import { nameConfirmation } from '../../lib/cli/confirm-name.ts'
import { envFileNotes } from '../../lib/cli/env-file-notes.ts'
import { InstanceCommand, instanceArgs, powerFlags } from '../../lib/cli/instance-command.ts'
import { newPassword } from '../../lib/cli/new-password.ts'
import { describeReset } from '../../lib/cli/url-text.ts'
import { resetPassword, type ResetPasswordResult } from '../../lib/rds/login/reset-password.ts'

export default class RdsResetPassword extends InstanceCommand {
  static override summary = "give a database's master user another password"
  static override description =
    'By the API, never by SQL. The new password is generated and goes to .env only: it is there before AWS is asked, next to the old one. Where Secrets Manager keeps the password, it makes another one. Whatever runs with the old password is cut off, so the name of the database is asked for.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> cruddur-db --confirm cruddur-db',
    '<%= config.bin %> <%= command.id %> cruddur-db --managed',
  ]
  static override args = instanceArgs
  static override flags = {
    ...powerFlags,
    managed: boolean({ description: 'the same as --password managed', exclusive: ['password'] }),
    // Without a choice for oclif to check, which would repeat what may be a password.
    password: string({
      description:
        'generated (default), managed by Secrets Manager from now on, or stdin: read from the input or asked for; never the password itself',
      helpValue: 'generated|managed|stdin',
    }),
    variable: string({
      description: 'the name in .env that the URL is kept under',
      default: 'PROD_CONNECTION_URL',
      helpValue: 'NAME',
    }),
    confirm: string({
      description: 'the identifier of the database, instead of being asked for it',
      helpValue: 'NAME',
    }),
  }

  async run(): Promise<ResetPasswordResult & { warnings: string[] }> {
    const { args, flags } = await this.parse(RdsResetPassword)
    const options = await this.powerOptions(args.instance, flags)
    const mode = flags.managed ? 'managed' : (flags.password ?? 'generated')
    const wish = await newPassword(mode, `the master user of ${options.id}`, this.signal)
    this.redactor.add(wish.password)
    const result = await resetPassword({
      ...options,
      ...wish,
      envFile: this.settings.envFile,
      variable: flags.variable,
      confirm: nameConfirmation(flags.confirm, this.signal),
      onSecret: (secret) => this.redactor.add(secret),
    })
    const warnings = result.kept ? await envFileNotes(result.kept, this.settings) : []
    for (const warning of warnings) this.note(warning)
    this.out(describeReset(result))
    return { ...result, warnings }
  }
}
