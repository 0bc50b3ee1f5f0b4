/** What pg_dump writes at the head of each script; the group tells which setting it is. */
const USUAL =
  /^\s*set\s+(?:session\s+|local\s+)?(?:(standard_conforming_strings)\s*(?:=|\bto\b)\s*'?(?:on|true)'?|(client_encoding)\s*(?:=|\bto\b)\s*'?utf-?8'?|names\s+'utf-?8')\s*$/i

/** Longer than any of them, in bytes. */
const MOST = 100

/**
 * Whether a statement only sets what is in force already of that which scripts are read by: then nothing needs to be
 * waited for. At the head of what pg_dump writes this saves three round trips.
 * @param parameters what the server has reported (`ParameterStatus`)
 */
export function isUsualSetting(text: Buffer, parameters: ReadonlyMap<string, string>): boolean {
  const found = text.length <= MOST ? USUAL.exec(text.toString('latin1')) : null
  if (!found) return false
  return found[1] === undefined
    ? parameters.get('client_encoding') === 'UTF8'
    : parameters.get('standard_conforming_strings') === 'on'
}
