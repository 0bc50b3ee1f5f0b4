/** Logins that stand in the URLs of indexes, by origin. They go into a header, never into a message. */
export class Logins {
  readonly #byOrigin = new Map<string, string>()

  /** Takes the login out of a URL and remembers it for its host; returns the URL without. */
  take(url: URL): URL {
    if (!url.username && !url.password) return url
    const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    this.#byOrigin.set(url.origin, `Basic ${Buffer.from(login).toString('base64')}`)
    const bare = new URL(url)
    bare.username = ''
    bare.password = ''
    return bare
  }

  /** The header for a URL; none for hosts that no login was given for. */
  headerFor(url: URL): Record<string, string> {
    const authorization = this.#byOrigin.get(url.origin)
    return authorization === undefined ? {} : { authorization }
  }
}
