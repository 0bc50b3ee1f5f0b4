/** What EC2 takes in a description of a rule: these characters, and so many of them (API reference, `IpRange`). */
const FORBIDDEN = /[^a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]/g
const MOST = 255

/** A description that EC2 takes: what it does not take becomes a hyphen, and what is too much is cut off. */
export function toDescription(text: string): string {
  return text.replaceAll(FORBIDDEN, '-').slice(0, MOST)
}
