/**
 * What a verb reports while it works. A step begins and ends (or is skipped); in between it may report bytes
 * done of a total, and remarks that a person should read. Verbs only report; `cli/` decides how it looks.
 */
export type ProgressEvent =
  | { type: 'start'; step: string; title: string }
  | { type: 'bytes'; step: string; done: number; total: number | undefined }
  | { type: 'end'; step: string; title: string; ms: number }
  | { type: 'skip'; step: string; title: string; reason: string }
  | { type: 'note'; level: 'info' | 'warning'; text: string }
  /** Text that a script wrote with `\echo`; `stream` tells `\echo` and `\qecho` from `\warn`. */
  | { type: 'output'; stream: 'stdout' | 'stderr'; text: string }

/** Receives progress; must not throw. */
export type OnProgress = (event: ProgressEvent) => void

/** Options that every verb takes. */
export interface VerbOptions {
  onProgress?: OnProgress | undefined
  signal?: AbortSignal | undefined
}

/** Runs `work` as a step: reports its start, and its end with the time it took in milliseconds. */
export async function runStep<T>(
  onProgress: OnProgress | undefined,
  step: string,
  title: string,
  work: () => Promise<T>,
  titleWhenDone: (result: T) => string = () => title,
): Promise<T> {
  onProgress?.({ type: 'start', step, title })
  const started = performance.now()
  const result = await work()
  onProgress?.({ type: 'end', step, title: titleWhenDone(result), ms: performance.now() - started })
  return result
}
