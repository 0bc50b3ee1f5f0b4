import { databaseArgs } from '../../lib/cli/flags.ts'
import { LoadCommand, loadFlags } from '../../lib/cli/load-command.ts'
import { describeLoad } from '../../lib/cli/script-command.ts'
import type { LoadResult } from '../../lib/script/load-script.ts'

export default class DbSeed extends LoadCommand {
  static override summary = 'load db/seed.sql (or other scripts) into the database'
  static override description = 'Like db schema-load, with the data to start with.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --file db/seed.sql --file db/demo.sql.gz',
  ]
  static override args = databaseArgs
  static override flags = loadFlags('db/seed.sql')

  async run(): Promise<LoadResult> {
    const { result, database } = await this.load(await this.parse(DbSeed), {
      path: 'db/seed.sql',
      title: 'Seeding',
      action: 'seed',
    })
    this.out(`Seeded "${database}": ${describeLoad(result)}.`)
    return result
  }
}
