/**
 * The identifier in the host name of an RDS instance, `NAME.ACCOUNT.REGION.rds.amazonaws.com` (in China `…amazonaws.com.cn`);
 * `undefined` for any other host, and for those of clusters.
 */
export function instanceOfHost(host: string): string | undefined {
  return /^([a-z][a-z0-9-]*)\.[a-z0-9]+\.[a-z0-9-]+\.rds\.amazonaws\.com(?:\.cn)?$/i
    .exec(host)?.[1]
    ?.toLowerCase()
}
