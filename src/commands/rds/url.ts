import { boolean, string } from '@oclif/core/flags'
import { awsFlags } from '../../lib/cli/aws-command.ts'
import { InstanceCommand, instanceArgs } from '../../lib/cli/instance-command.ts'
import { urlNote } from '../../lib/cli/url-text.ts'
import { databaseUrl, type DatabaseUrl } from '../../lib/rds/login/database-url.ts'

/** What is shown of a URL: with its password only if that was asked for. */
type ShownUrl = Omit<DatabaseUrl, 'maskedUrl' | 'password' | 'passwordSource' | 'expiresAt'> & {
  passwordSource: DatabaseUrl['passwordSource'] | null
  expiresAt: Date | null
  warnings: string[]
}

export default class RdsUrl extends InstanceCommand {
  static override summary = 'print the connection URL of an RDS database'
  static override description =
    'With the password of PROD_CONNECTION_URL if that leads to this database, of the secret that Secrets Manager keeps, or a fresh IAM token; masked unless --reveal is given.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    'psql "$(<%= config.bin %> <%= command.id %> --reveal)"',
    '<%= config.bin %> <%= command.id %> cruddur-db --iam --user app --reveal',
  ]
  static override args = instanceArgs
  static override flags = {
    ...awsFlags,
    reveal: boolean({ description: 'with the password or token, in the clear' }),
    iam: boolean({ description: 'with a token of IAM, which ends after 15 minutes' }),
    user: string({
      description: 'who logs in with the token (default: the master user)',
      helpValue: 'NAME',
      dependsOn: ['iam'],
    }),
  }

  async run(): Promise<ShownUrl> {
    const { args, flags } = await this.parse(RdsUrl)
    const id = this.instanceId(args.instance)
    const { maskedUrl, password, ...found } = await databaseUrl({
      aws: await this.awsSession(flags),
      id,
      configured: this.settings.prodConnectionUrl?.value,
      iam: flags.iam,
      user: flags.user,
      signal: this.signal,
    })
    this.redactor.add(password, [found.user, found.database, found.host])
    const note = urlNote({ ...found, maskedUrl, password })
    if (note !== undefined) this.note(note)
    if (flags.reveal) this.revealSecrets()
    const url = flags.reveal ? found.url : maskedUrl
    this.out(url)
    return {
      ...found,
      url,
      passwordSource: found.passwordSource ?? null,
      expiresAt: found.expiresAt ?? null,
      warnings: note === undefined ? [] : [note],
    }
  }
}
