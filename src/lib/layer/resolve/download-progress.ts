import type { OnProgress } from '../../progress.ts'
import type { ResolvedWheel } from './resolution.ts'

/** Milliseconds between two reports of progress. */
const REPORT_EVERY = 50

/** Told how many bytes of a file are here, and how many it has. */
export type OnBytes = (done: number, total: number | undefined) => void

/** Adds up what is done of all files. */
export class DownloadProgress {
  readonly #totals: (number | undefined)[]
  readonly #done: number[]
  readonly #onProgress: OnProgress | undefined
  #reported = 0

  constructor(wheels: readonly ResolvedWheel[], onProgress: OnProgress | undefined) {
    this.#totals = wheels.map(({ size }) => size)
    this.#done = wheels.map(() => 0)
    this.#onProgress = onProgress
  }

  of(index: number): OnBytes {
    return (done, total) => {
      this.#done[index] = done
      this.#totals[index] = total ?? this.#totals[index]
      this.report(false)
    }
  }

  report(isLast: boolean): void {
    const now = performance.now()
    if (!this.#onProgress || (!isLast && now - this.#reported < REPORT_EVERY)) return
    this.#reported = now
    const known = this.#totals.filter((total) => total !== undefined)
    const total = known.length === this.#totals.length ? sum(known) : undefined
    this.#onProgress({ type: 'bytes', step: 'download', done: sum(this.#done), total })
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}
