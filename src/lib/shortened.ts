/**
 * A text as a message may repeat it. It is cut between words: a half of a password, or of a URL with one, would not be known
 * for a secret, and not be masked.
 * @param most characters; where there are more, an ellipsis stands for the rest
 */
export function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most).replace(/\S+$/, '')}…` : text
}
