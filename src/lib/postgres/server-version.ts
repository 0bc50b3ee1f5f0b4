/** The server's `server_version_num`, e.g. 170010 for `17.10 (Debian …)`, of the parameters that it reports. */
export function serverVersionNumber(parameters: ReadonlyMap<string, string>): number {
  const [, major = '0', minor = '0'] = /^(\d+)(?:\.(\d+))?/.exec(parameters.get('server_version') ?? '') ?? []
  return Number(major) * 10_000 + Number(minor)
}
