import { styleText } from 'node:util'

/** How the prompt marks parts of what it writes; every function leaves the text as it is when there is no colour. */
export interface Style {
  readonly color: boolean
  dim(text: string): string
  /** The word that begins an error. */
  error(text: string): string
  /** What must not be overlooked. */
  alarm(text: string): string
}

type Format = Parameters<typeof styleText>[0]

/** @param color whether escape sequences may be written; the caller knows the terminal and NO_COLOR */
export function makeStyle(color: boolean): Style {
  const paint = (format: Format) => (text: string) =>
    color ? styleText(format, text, { validateStream: false }) : text
  return { color, dim: paint('dim'), error: paint('red'), alarm: paint(['bold', 'red']) }
}
