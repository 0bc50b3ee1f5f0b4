import { findProjectRoot } from '../config/project.ts'
import { BaseCommand } from './base-command.ts'
import { progressView } from './progress/index.ts'
import type { ProgressView } from './progress/view.ts'

/** What the commands of the topic `db server` share: the project they are called in. */
export abstract class ServerCommand extends BaseCommand {
  protected readonly projectRoot = findProjectRoot(process.cwd())

  protected progress(): Promise<ProgressView> {
    return progressView([], { json: this.jsonEnabled(), redact: (text) => this.redactor.redact(text) })
  }
}
