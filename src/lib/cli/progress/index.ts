import { LineProgress } from './lines.ts'
import type { PlannedStep, ProgressView } from './view.ts'

/** Says nothing: for `--json`. Text that scripts write is kept out of stdout, which is for the one object. */
function silent(redact: (text: string) => string): ProgressView {
  return {
    onProgress(event) {
      if (event.type === 'output') process.stderr.write(redact(event.text))
    },
    pause: () => undefined,
    finish: () => Promise.resolve(),
  }
}

/** Chooses how progress is shown: listr2 on a terminal, plain lines in a pipe or CI, nothing with `--json`. */
export async function progressView(
  steps: readonly PlannedStep[],
  options: { json: boolean; redact: (text: string) => string },
): Promise<ProgressView> {
  if (options.json) return silent(options.redact)
  if (steps.length === 0 || !process.stderr.isTTY || process.env['CI'] || process.env['TERM'] === 'dumb')
    return new LineProgress(options.redact)
  const { LiveProgress } = await import('./live.ts')
  return new LiveProgress(steps, options.redact)
}
