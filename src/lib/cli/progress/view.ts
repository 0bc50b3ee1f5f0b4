import type { OnProgress } from '../../progress.ts'

/** A step that a command will go through, in order. */
export interface PlannedStep {
  step: string
  title: string
}

/** Shows progress on stderr; text that scripts write goes to stdout. */
export interface ProgressView {
  readonly onProgress: OnProgress
  /** Makes room for a question to the user: what is shown stays, nothing moves any more. */
  pause(): void
  /** The work is over, or has failed: everything is shown as it is left. */
  finish(failed: boolean): Promise<void>
}
