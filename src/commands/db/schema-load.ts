import { databaseArgs } from '../../lib/cli/flags.ts'
import { LoadCommand, loadFlags } from '../../lib/cli/load-command.ts'
import { describeLoad } from '../../lib/cli/script-command.ts'
import type { LoadResult } from '../../lib/script/load-script.ts'

export default class DbSchemaLoad extends LoadCommand {
  static override summary = 'load db/schema.sql (or other scripts) into the database'
  static override description =
    'Loads what psql and pg_dump write, .sql or .sql.gz, all or nothing: after an error the database is as before, and the error names file, line, column and statement.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --file dump.sql.gz --no-transaction',
    'pg_dump --schema-only other | <%= config.bin %> <%= command.id %> --file -',
  ]
  static override args = databaseArgs
  static override flags = loadFlags('db/schema.sql')

  async run(): Promise<LoadResult> {
    const input = await this.parse(DbSchemaLoad)
    const { result, database } = await this.load(input, {
      path: 'db/schema.sql',
      title: 'Loading the schema',
      action: 'load a schema into',
    })
    this.out(`Loaded the schema into "${database}": ${describeLoad(result)}.`)
    return result
  }
}
