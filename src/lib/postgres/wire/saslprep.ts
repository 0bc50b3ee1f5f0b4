/** Other blanks than the ASCII one (RFC 3454, table C.1.2): they become one. */
const BLANKS = /[\u00A0\u1680\u2000-\u200B\u202F\u205F\u3000]/g

/** What is "commonly mapped to nothing" (RFC 3454, table B.1). */
const NOTHING = /\u00AD|\u034F|\u1806|[\u180B-\u180D]|\u200C|\u200D|\u2060|[\uFE00-\uFE0F]|\uFEFF/g

/** What RFC 4013 §2.3 prohibits (RFC 3454, tables C.2 to C.9), but for what has been mapped by then. */
const PROHIBITED =
  // eslint-disable-next-line no-control-regex, no-misleading-character-class
  /[\u0000-\u001F\u007F-\u009F\u0340\u0341\u06DD\u070F\u180E\u200E\u200F\u2028-\u202E\u2061-\u2063\u206A-\u206F\u2FF0-\u2FFB\uFDD0-\uFDEF\uFFF9-\uFFFF]|\p{Co}|\p{Cs}/u

/**
 * Characters beyond U+FFFF that Unicode 3.2 did not know (RFC 3454, table A.1), as emoji; it knew Old Italic, Gothic,
 * Deseret, musical and mathematical symbols, and the ideographs of plane 2. Such a gap below U+FFFF is not looked for.
 */
const UNASSIGNED =
  /(?![\u{10300}-\u{1034A}\u{10400}-\u{1044D}\u{1D000}-\u{1D1DD}\u{1D400}-\u{1D7FF}\u{20000}-\u{2A6D6}\u{2F800}-\u{2FA1D}])[\u{10000}-\u{10FFFF}]/u

/**
 * Prepares a password for SCRAM as PostgreSQL does: by SASLprep (RFC 4013), or not at all when it holds what SASLprep
 * prohibits. Its rules for text from right to left are left out.
 */
export function saslprep(password: string): string {
  const mapped = password.replace(BLANKS, ' ').replace(NOTHING, '')
  if (mapped === '' || PROHIBITED.test(mapped) || UNASSIGNED.test(mapped)) return password
  return mapped.normalize('NFKC')
}
