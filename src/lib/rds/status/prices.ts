// What AWS takes, in US dollars, on demand, in us-east-1; other regions differ, most of them by being dearer. Only figures
// that were found, and found for PostgreSQL: MySQL's differ for some classes. Their sources, of 2026 unless they say otherwise:
// infratally.com ("AWS RDS pricing explained") and usage.ai ("RDS pricing calculator", June) for t4g, gp3 and backups; a table
// made from AWS' price list in April for the other classes; what Infracost's tests got from that list in 2024 or later for
// db.t3.large, gp2, io1, Aurora's storage and Extended Support; factualminds.com (June) for Serverless v2; hivebook.wiki for
// secrets; issue 129 of aws-doctor for addresses. AWS' own list could not be read: compare them with it when you can.

/** When the figures were gathered, `YYYY-MM-DD`. */
export const PRICES_AS_OF = '2026-06-30'

/** The region that the figures are of. */
export const PRICES_REGION = 'us-east-1'

/** What AWS reckons a month at (AWS Pricing Calculator). */
export const HOURS_PER_MONTH = 730

interface ClassPrice {
  /** Dollars per hour, single-AZ. */
  hour: number
  vcpus: number
}

/** The instance classes of RDS for PostgreSQL whose price is known. */
const CLASSES: Readonly<Record<string, ClassPrice>> = {
  'db.t4g.micro': { hour: 0.016, vcpus: 2 },
  'db.t4g.small': { hour: 0.032, vcpus: 2 },
  'db.t4g.medium': { hour: 0.065, vcpus: 2 },
  'db.t4g.large': { hour: 0.129, vcpus: 2 },
  'db.t4g.xlarge': { hour: 0.258, vcpus: 4 },
  'db.t3.micro': { hour: 0.018, vcpus: 2 },
  'db.t3.small': { hour: 0.036, vcpus: 2 },
  'db.t3.medium': { hour: 0.072, vcpus: 2 },
  'db.t3.large': { hour: 0.145, vcpus: 2 },
  'db.m5.large': { hour: 0.178, vcpus: 2 },
  'db.m5.xlarge': { hour: 0.356, vcpus: 4 },
  'db.m6g.large': { hour: 0.159, vcpus: 2 },
  'db.m6g.xlarge': { hour: 0.318, vcpus: 4 },
  'db.m6g.2xlarge': { hour: 0.636, vcpus: 8 },
  'db.m6i.large': { hour: 0.178, vcpus: 2 },
  'db.m6i.xlarge': { hour: 0.356, vcpus: 4 },
  'db.m6i.2xlarge': { hour: 0.712, vcpus: 8 },
  'db.m7g.large': { hour: 0.168, vcpus: 2 },
  'db.m7g.xlarge': { hour: 0.337, vcpus: 4 },
  'db.m7g.2xlarge': { hour: 0.674, vcpus: 8 },
  'db.r5.large': { hour: 0.25, vcpus: 2 },
  'db.r5.xlarge': { hour: 0.5, vcpus: 4 },
  'db.r5.2xlarge': { hour: 1, vcpus: 8 },
  'db.r6g.large': { hour: 0.225, vcpus: 2 },
  'db.r6g.xlarge': { hour: 0.45, vcpus: 4 },
  'db.r6g.2xlarge': { hour: 0.899, vcpus: 8 },
  'db.r6i.large': { hour: 0.25, vcpus: 2 },
  'db.r6i.xlarge': { hour: 0.5, vcpus: 4 },
  'db.r6i.2xlarge': { hour: 1, vcpus: 8 },
}

/** The types of storage of RDS for PostgreSQL whose price is known, in dollars per GiB and month. */
const STORAGE: Readonly<Record<string, number>> = { gp2: 0.115, gp3: 0.115, io1: 0.125 }

/** The other prices. */
export const PRICE = {
  /** Per provisioned IOPS of io1 and month. gp3 has what it needs included. */
  io1Iops: 0.1,
  /** Per GiB and month, beyond as much as the storage has. */
  backup: 0.095,
  /** Per public IPv4 address and hour, whether it is used or not; a stopped database has none. */
  publicIpv4Hour: 0.005,
  /** Per secret of Secrets Manager and month. */
  secret: 0.4,
  /** Per capacity unit of Aurora Serverless v2 and hour. */
  acuHour: 0.12,
  /** Per GB of data in an Aurora cluster and month. */
  auroraStorage: 0.1,
  /** Per million requests of an Aurora cluster to its storage. */
  auroraIo: 0.2,
  /** Per GB and month, beyond as much as the data of an Aurora cluster. */
  auroraBackup: 0.021,
  /** Extended Support per vCPU, or capacity unit, and hour: in its first two years, and in its third (cloudyali.io, 2026). */
  extendedSupport: { vcpuHour: [0.1, 0.2], acuHour: [0.085, 0.17] },
} as const

/** What an instance class costs; `undefined` if that is not known. */
export function priceOfClass(className: string): ClassPrice | undefined {
  return CLASSES[className]
}

/** What a type of storage costs in dollars per GiB and month; `undefined` if that is not known. */
export function priceOfStorage(type: string): number | undefined {
  return STORAGE[type]
}
