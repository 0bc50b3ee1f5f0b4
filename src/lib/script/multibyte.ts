/**
 * Client encodings in which a byte of a character may be an ASCII byte, e.g. a backslash. For all others a reader may
 * look at single bytes ("Character Set Support": these are the encodings that no server database can have).
 * The function tells the length of the character that begins with `lead`, followed by `next`.
 */
const CHARACTER_LENGTH: Readonly<Record<string, (lead: number, next: number) => number>> = {
  BIG5: (lead) => (lead >= 0x81 ? 2 : 1),
  GBK: (lead) => (lead >= 0x81 ? 2 : 1),
  UHC: (lead) => (lead >= 0x81 ? 2 : 1),
  JOHAB: (lead) => (lead === 0x8f ? 3 : lead >= 0x80 ? 2 : 1),
  SJIS: shiftJis,
  SHIFT_JIS_2004: shiftJis,
  // Four bytes when the second one is a digit (GB 18030-2005 §5).
  GB18030: (lead, next) => (lead < 0x81 ? 1 : next >= 0x30 && next <= 0x39 ? 4 : 2),
}

/** Half-width katakana are one byte (0xA1–0xDF); every other byte from 0x80 up begins two. */
function shiftJis(lead: number): number {
  return lead < 0x80 || (lead >= 0xa1 && lead <= 0xdf) ? 1 : 2
}

/** Length of a character in bytes, from its first two. */
export type CharacterLength = (lead: number, next: number) => number

/** The length rule for an encoding whose bytes may look like ASCII, or `undefined` for all others. */
export function unsafeCharacterLength(encoding: string): CharacterLength | undefined {
  return CHARACTER_LENGTH[encoding]
}
