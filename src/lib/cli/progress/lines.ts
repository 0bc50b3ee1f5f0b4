import { formatDuration } from '../../duration.ts'
import type { ProgressEvent } from '../../progress.ts'
import { formatBytes, printable } from '../format.ts'
import { paint } from '../report.ts'
import type { ProgressView } from './view.ts'

/** A step that takes longer than this is announced before it ends, in milliseconds: silence looks like a hang. */
const PATIENCE = 1000
/** How often a long step says how far it is, in milliseconds. */
const REPORT_EVERY = 10_000

/** Progress as lines that stay: one for each step when it ends. */
export class LineProgress implements ProgressView {
  readonly #redact: (text: string) => string
  #timer: NodeJS.Timeout | undefined
  #title = ''
  #reportedAt = 0

  constructor(redact: (text: string) => string) {
    this.#redact = redact
  }

  readonly onProgress = (event: ProgressEvent): void => {
    switch (event.type) {
      case 'start':
        this.#start(event.title)
        break
      case 'bytes':
        this.#report(event.done, event.total)
        break
      case 'end':
        this.#stop()
        this.#line(`${paint('green', '✔')} ${event.title} ${paint('dim', `(${formatDuration(event.ms)})`)}`)
        break
      case 'skip':
        this.#line(`${paint('dim', '-')} ${event.title}: ${event.reason}`)
        break
      case 'note':
        this.#line(
          event.level === 'warning'
            ? `${paint('yellow', 'Warning:')} ${printable(event.text)}`
            : printable(event.text),
        )
        break
      default:
        ;(event.stream === 'stdout' ? process.stdout : process.stderr).write(this.#redact(event.text))
    }
  }

  pause(): void {
    this.#stop()
  }

  finish(): Promise<void> {
    this.#stop()
    return Promise.resolve()
  }

  #start(title: string): void {
    this.#stop()
    this.#title = title
    this.#reportedAt = performance.now()
    this.#timer = setTimeout(() => this.#line(`${title} …`), PATIENCE)
    this.#timer.unref()
  }

  #report(done: number, total: number | undefined): void {
    if (performance.now() - this.#reportedAt < REPORT_EVERY) return
    this.#reportedAt = performance.now()
    const share = total ? `${Math.floor((100 * done) / total)} %, ` : ''
    this.#line(`${this.#title}: ${share}${formatBytes(done)}${total ? ` of ${formatBytes(total)}` : ''}`)
  }

  #stop(): void {
    clearTimeout(this.#timer)
  }

  #line(text: string): void {
    process.stderr.write(`${this.#redact(text)}\n`)
  }
}
