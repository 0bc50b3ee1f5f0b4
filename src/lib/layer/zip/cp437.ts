/** The upper half of code page 437, in which zips without the flag for UTF-8 have their names (APPNOTE.TXT, appendix D). */
const UPPER_HALF =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0'

/** A text in code page 437; ASCII, as nearly all names are, stays what it is. */
export function decodeCp437(bytes: Buffer): string {
  const text = bytes.toString('latin1')
  return /^[\0-\x7f]*$/.test(text)
    ? text
    : text.replaceAll(/[\x80-\xff]/g, (character) => UPPER_HALF[character.charCodeAt(0) - 0x80] as string)
}
