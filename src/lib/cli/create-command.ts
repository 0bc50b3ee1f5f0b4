import { projectDatabaseName } from '../config/project.ts'
import { checkCreateInput, type CreateWish } from '../rds/create/create-input.ts'
import type { CreatePlan } from '../rds/create/create-plan.ts'
import type { CreateOptions } from '../rds/create/create.ts'
import { NOUN } from '../rds/database.ts'
import { agree } from './agree.ts'
import { AwsCommand } from './aws-command.ts'
import { databaseFlags } from './create-flags.ts'
import { describePlan } from './create-text.ts'
import { envUrlFile } from '../config/env-url-file.ts'
import { givenPassword } from './given-password.ts'
import { envFileNotes } from './env-file-notes.ts'
import { paint } from './report.ts'

/** The flags of `createFlags`, as parsed. */
interface CreateFlags extends Omit<CreateWish, 'identifier'> {
  profile?: string | undefined
  region?: string | undefined
  yes: boolean
  force: boolean
  wait: boolean
  timeout?: number | undefined
  'dry-run': boolean
}

/** What making a database takes from the command line, and asks of a person. */
export abstract class CreateCommand extends AwsCommand {
  /**
   * What `createInstance` takes.
   * @throws {UsageError} `CREATE_INVALID`, `AWS_PROFILE_UNKNOWN`, `AWS_REGION_MISSING`, `AWS_REGION_INVALID`
   */
  protected async createOptions(identifier: string | undefined, flags: CreateFlags): Promise<CreateOptions> {
    const aws = await this.awsSession(flags)
    const password =
      flags.password === 'stdin' ? await givenPassword('the master user', this.signal) : undefined
    this.redactor.add(password)
    const input = checkCreateInput(
      { ...this.#wish(flags), identifier },
      {
        project: projectDatabaseName(this.settings.projectRoot),
        region: aws.region,
        now: new Date(),
        givenPassword: password,
      },
    )
    const { login } = input.database
    const file = {
      path: this.settings.envFile,
      variable: 'PROD_CONNECTION_URL',
      secret: login === 'generated' || login === 'given',
    }
    input.notes.push(...(await envFileNotes(file, this.settings)))
    return {
      aws,
      input,
      password,
      file: envUrlFile(file.path),
      confirm: (plan) => this.#confirm(plan, flags.yes),
      force: flags.force,
      wait: flags.wait,
      timeout: flags.timeout,
      dryRun: flags['dry-run'],
      onSecret: (secret) => this.redactor.add(secret),
      onProgress: this.onProgress,
      signal: this.signal,
    }
  }

  #wish(flags: CreateFlags): CreateWish {
    const wish: CreateWish = Object.fromEntries(
      Object.entries(flags).filter(([name]) => Object.hasOwn(databaseFlags, name)),
    )
    const group = this.settings.find('DB_SG_ID')?.value
    return { ...wish, group: wish.group ?? (group === undefined ? undefined : [group]) }
  }

  /** Shows the plan, and asks. With `--json` and `--yes` it is in the result only. */
  #confirm(plan: CreatePlan, yes: boolean): Promise<boolean> {
    if (!yes || !this.jsonEnabled()) {
      const lines = describePlan(plan).map((line) => `  ${line}\n`)
      process.stderr.write(
        this.redactor.redact(
          `${paint('bold', `About to make an ${NOUN[plan.database.kind]}:`)}\n${lines.join('')}`,
        ),
      )
    }
    return agree(yes, 'Make it?', this.signal)
  }
}
