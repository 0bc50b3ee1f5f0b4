import {
  Listr,
  ListrLogger,
  ProcessOutput,
  type ListrTaskWrapper,
  type DefaultRenderer,
  type SimpleRenderer,
} from 'listr2'
import { formatDuration } from '../../duration.ts'
import type { ProgressEvent } from '../../progress.ts'
import { formatBytes } from '../format.ts'
import { LineProgress } from './lines.ts'
import type { PlannedStep, ProgressView } from './view.ts'

type Task = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>

/** Width of the bar, in characters. */
const BAR = 30

/** The work has failed; the error itself is reported by the command. */
class Failed extends Error {}

/** A planned step and what has become of it. */
interface Step extends PlannedStep {
  task: Task | undefined
  /** Applied to the task, or kept until listr2 comes to it. */
  outcome: ((task: Task) => void) | undefined
  settle: () => void
  settled: Promise<void>
}

/**
 * Progress on a terminal, drawn by listr2 on stderr. The steps are known beforehand; a step that never begins is shown
 * as skipped. Notes and text from scripts appear below when the work is done, so that they do not tear the picture.
 */
export class LiveProgress implements ProgressView {
  readonly #steps: Step[]
  readonly #later: ProgressEvent[] = []
  readonly #lines: LineProgress
  #listr: Listr | undefined
  #running: Promise<unknown> | undefined
  #paused = false

  constructor(steps: readonly PlannedStep[], redact: (text: string) => string) {
    this.#lines = new LineProgress(redact)
    this.#steps = steps.map(newStep)
  }

  readonly onProgress = (event: ProgressEvent): void => {
    if (event.type === 'note' || event.type === 'output') {
      if (this.#paused) this.#lines.onProgress(event)
      else this.#later.push(event)
      return
    }
    const index = this.#steps.findIndex(({ step }) => step === event.step)
    const step = this.#steps[index]
    if (!step || this.#paused) return this.#lines.onProgress(event)
    this.#begin()
    for (const earlier of this.#steps.slice(0, index)) this.#settle(earlier, (task) => task.skip())
    this.#show(step, event)
  }

  #begin(): void {
    if (this.#listr) return
    const output = new ProcessOutput(process.stderr, process.stderr)
    const logger = new ListrLogger({ processOutput: output })
    this.#listr = new Listr(
      this.#steps.map((step) => ({
        title: step.title,
        task: (_: unknown, task: Task) => this.#runTask(step, task),
      })),
      {
        concurrent: false,
        exitOnError: true,
        registerSignalListeners: false,
        rendererOptions: { logger, collapseSkips: true },
        fallbackRendererOptions: { logger },
      },
    ) as unknown as Listr
    this.#running = this.#listr.run().catch((error: unknown) => {
      if (!(error instanceof Failed)) throw error
    })
  }

  async #runTask(step: Step, task: Task): Promise<void> {
    step.task = task
    await step.settled
    step.outcome?.(task)
  }

  #show(step: Step, event: ProgressEvent): void {
    if (event.type === 'start' && step.task) step.task.title = event.title
    if (event.type === 'bytes' && step.task) step.task.output = bar(event.done, event.total)
    if (event.type === 'end')
      this.#settle(step, (task) => (task.title = `${event.title} (${formatDuration(event.ms)})`))
    if (event.type === 'skip') this.#settle(step, (task) => task.skip(`${event.title}: ${event.reason}`))
  }

  #settle(step: Step, outcome: Step['outcome']): void {
    step.outcome ??= outcome
    step.settle()
  }

  pause(): void {
    this.#paused = true
  }

  async finish(failed: boolean): Promise<void> {
    for (const step of this.#steps)
      this.#settle(step, (task) => {
        if (failed) throw new Failed(task.title)
        task.skip()
      })
    await this.#running
    this.#paused = true
    for (const event of this.#later) this.#lines.onProgress(event)
  }
}

function newStep(planned: PlannedStep): Step {
  const step: Step = {
    ...planned,
    task: undefined,
    outcome: undefined,
    settle: () => undefined,
    settled: Promise.resolve(),
  }
  step.settled = new Promise((resolve) => {
    step.settle = resolve
  })
  return step
}

function bar(done: number, total: number | undefined): string {
  if (!total) return formatBytes(done)
  const filled = Math.min(BAR, Math.round((BAR * done) / total))
  return `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${Math.min(100, Math.floor((100 * done) / total))} %  ${formatBytes(done)} of ${formatBytes(total)}`
}
