import { eastAsianWidth } from 'get-east-asian-width'

// eslint-disable-next-line no-control-regex
const PRINTABLE_ASCII = /^[\u0020-\u007e]*$/
/** Takes no column: marks that sit on the character before them, and characters that only steer. */
const WITHOUT_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\p{Default_Ignorable_Code_Point}]+$/u
/** Shown as a picture of two columns: by itself, or because of the variation selector behind it (UTS #51). */
const PICTURE = /\p{Emoji_Presentation}|\ufe0f/u

/** Made when it is needed: it loads the tables of ICU. */
let segmenter: Intl.Segmenter | undefined

/** How many columns a terminal gives a text that holds no control characters. */
export function textWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length
  segmenter ??= new Intl.Segmenter('und', { granularity: 'grapheme' })
  let width = 0
  for (const { segment } of segmenter.segment(text)) width += clusterWidth(segment)
  return width
}

/** The width of what a reader takes for one character: a letter with its accents, a flag, a family of emoji. */
function clusterWidth(cluster: string): number {
  if (PICTURE.test(cluster)) return 2
  if (WITHOUT_WIDTH.test(cluster)) return 0
  return eastAsianWidth(cluster.codePointAt(0) as number)
}

/** The text with blanks behind it, up to so many columns. */
export function padEnd(text: string, width: number, columns: number): string {
  return width >= columns ? text : text + ' '.repeat(columns - width)
}
