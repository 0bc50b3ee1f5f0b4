/**
 * Whether the host is an Amazon RDS or Aurora endpoint, whose certificates the RDS roots sign. The name only
 * ever makes cruddur stricter (verify, protect), never laxer.
 */
export function isRdsHost(host: string): boolean {
  return /\.rds\.(?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?\.?$/i.test(host)
}

/** Whether the bundled roots are those of the endpoint: AWS keeps roots of its own for China, which are not in the bundle. */
export function isCoveredRdsHost(host: string): boolean {
  return isRdsHost(host) && !/\.cn\.?$/i.test(host)
}

/**
 * `NAME.ACCOUNT.REGION.rds.amazonaws.com`, as AWS' own drivers read it: in China `rds` stands before the region, but not in
 * older endpoints there. Before the account's label stands what kind of endpoint it is, if it is not that of an instance.
 */
const ENDPOINT =
  /^(?<name>[a-z][a-z0-9-]*)\.(?<kind>[a-z]+-(?:ro-|custom-)?)?[a-z0-9]+\.(?:(?<region>[a-z0-9-]+)\.rds|rds\.(?<regionBehind>[a-z0-9-]+))\.amazonaws\.com(?:\.cn)?\.?$/i

/** Whose name is that of a database: an instance's, a cluster's for writing, and for reading. Others have names of their own. */
const NAMED_AFTER_DATABASE = new Set([undefined, 'cluster-', 'cluster-ro-'])

/**
 * The identifier in the host name of an RDS instance or of an Aurora cluster, in lower case; `undefined` for any other host,
 * also for those of proxies and of a cluster's custom endpoints.
 */
export function databaseOfHost(host: string): string | undefined {
  const { name, kind } = ENDPOINT.exec(host)?.groups ?? {}
  return NAMED_AFTER_DATABASE.has(kind?.toLowerCase()) ? name?.toLowerCase() : undefined
}

/** The region in the host name of an RDS endpoint of any kind; `undefined` for any other host. */
export function regionOfHost(host: string): string | undefined {
  const { region, regionBehind } = ENDPOINT.exec(host)?.groups ?? {}
  return (region ?? regionBehind)?.toLowerCase()
}

/** Whether it is the endpoint of an Aurora cluster as a whole. */
export function isClusterHost(host: string): boolean {
  return ENDPOINT.exec(host)?.groups?.['kind']?.toLowerCase().startsWith('cluster-') ?? false
}
