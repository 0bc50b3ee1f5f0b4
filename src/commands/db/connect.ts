import { isatty } from 'node:tty'
import { boolean, string } from '@oclif/core/flags'
import { chooseSession, splitArguments } from '../../lib/cli/connect-command.ts'
import { jsonSession, promptSession, psqlSession } from '../../lib/cli/connect-session.ts'
import { DbCommand } from '../../lib/cli/db-command.ts'
import { databaseArgs, databaseFlags } from '../../lib/cli/flags.ts'
import type { RunStatementsResult } from '../../lib/prompt/run-statements.ts'

export default class DbConnect extends DbCommand {
  static override summary = 'open psql, or the built-in prompt; run statements'
  static override description =
    'Uses psql if there is one on the PATH, else the built-in prompt: \\? lists its commands. Without a terminal the first error ends it. What stands behind -- are further options for psql.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> prod',
    "<%= config.bin %> <%= command.id %> -c 'select * from users' --json",
    '<%= config.bin %> <%= command.id %> < report.sql',
    "<%= config.bin %> <%= command.id %> -c 'table users' -- --csv",
  ]
  static override args = databaseArgs
  static override flags = {
    ...databaseFlags,
    command: string({
      char: 'c',
      description: 'run this instead of what is typed or piped in; several run in order',
      helpValue: 'SQL',
      multiple: true,
      multipleNonGreedy: true,
    }),
    psql: boolean({ description: 'only psql, or never; without it, psql if there is one', allowNo: true }),
  }

  async run(): Promise<RunStatementsResult | undefined> {
    const { own, passed } = splitArguments(this.argv)
    const input = await this.parse(DbConnect, own)
    const { command: commands, psql } = input.flags
    const session = await chooseSession({
      psql,
      commands,
      json: this.jsonEnabled(),
      psqlArguments: passed,
      // Not process.stdin, which would take hold of what psql is to read.
      terminal: { input: isatty(0), output: isatty(1) },
      path: this.settings(input.flags).path,
    })
    const opened = await this.open(input)
    return this.work(async () => {
      if (session.kind === 'json') return jsonSession(opened, commands)
      if (session.kind === 'psql') process.exitCode = await psqlSession(opened, session)
      else await promptSession(opened, commands, session.interactive)
      return undefined
    })
  }

  /** What the database holds is shown as it is: masking would change data, not hide a secret from who reads it there. */
  override logJson(value: unknown): void {
    process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
  }
}
