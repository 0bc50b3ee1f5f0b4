/** When rows are shown one below the other: always, never, or when a table would be wider than the terminal. */
export type Expanded = 'on' | 'off' | 'auto'

/** What `\x` and `\timing` change. */
export interface Settings {
  expanded: Expanded
  timing: boolean
  /** The next result is expanded whatever `expanded` says (`\gx`). */
  expandNext: boolean
}

/** At a terminal, wide tables turn over by themselves; what a program reads keeps its form. */
export function defaultSettings(terminal: boolean): Settings {
  return { expanded: terminal ? 'auto' : 'off', timing: false, expandNext: false }
}
