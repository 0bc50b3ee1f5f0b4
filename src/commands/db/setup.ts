import { boolean, string } from '@oclif/core/flags'
import { DbCommand } from '../../lib/cli/db-command.ts'
import { confirmFlag, databaseArgs, databaseFlags, forceFlag, scriptFlags } from '../../lib/cli/flags.ts'
import { describeSetup, ownScripts, scriptOptions } from '../../lib/cli/script-command.ts'
import { setupDatabase, type SetupResult } from '../../lib/setup/setup-database.ts'

const STEPS = [
  { step: 'create', title: 'Creating' },
  { step: 'schema', title: 'Loading the schema' },
  { step: 'seed', title: 'Seeding' },
]

export default class DbSetup extends DbCommand {
  static override summary = 'drop, create, load the schema, seed'
  static override description =
    'Stops at the first failure. With the same scripts as the last time, the database that was kept then is copied instead of loading again.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --no-cache',
    '<%= config.bin %> <%= command.id %> prod --confirm cruddur',
  ]
  static override args = databaseArgs
  static override flags = {
    ...databaseFlags,
    ...confirmFlag,
    ...forceFlag,
    ...scriptFlags,
    schema: string({
      description: 'a script instead of db/schema.sql; several are loaded in order',
      helpValue: 'FILE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    seed: string({
      description: 'a script instead of db/seed.sql; several are loaded in order',
      helpValue: 'FILE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    cache: boolean({
      description: 'copy the database that was kept, if nothing has changed',
      default: true,
      allowNo: true,
    }),
  }

  async run(): Promise<SetupResult> {
    const input = await this.parse(DbSetup)
    const { flags } = input
    const settings = this.settings(flags)
    const scripts = ownScripts(flags, settings)
    const { destination, options } = await this.open(input, STEPS)
    const result = await this.work(() =>
      setupDatabase({
        ...options,
        ...scriptOptions(flags, settings),
        ...scripts,
        force: flags.force || destination.kind === 'embedded',
        production: destination.kind === 'prod',
        cache: flags.cache,
        project: settings.projectRoot,
      }),
    )
    this.out(describeSetup(result))
    return result
  }
}
