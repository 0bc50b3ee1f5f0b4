import {
  HOURS_PER_MONTH,
  PRICE,
  PRICES_AS_OF,
  PRICES_REGION,
  priceOfClass,
  priceOfStorage,
} from './prices.ts'

/** What the cost of a database depends on. */
export interface CostOptions {
  /** As RDS names it; `postgres` by default. Instances of other engines have prices of their own, which are not known here. */
  engine?: string | undefined
  /** Of each instance; `db.serverless` for Serverless v2. */
  className?: string | undefined
  /** How many instances there are: more than one only in a cluster. */
  instances?: number | undefined
  /** The Aurora capacity units of each instance, for Serverless v2. */
  capacity?: { min: number; max: number } | undefined
  /** `undefined` for Aurora, where it grows with the data. */
  storageGib?: number | undefined
  storageType?: string | undefined
  /** Those that are provisioned; for io1 only. */
  iops?: number | undefined
  publiclyAccessible?: boolean | undefined
  /** Whether an instance has a standby; the instances of a cluster are counted instead. */
  multiAz?: boolean | undefined
  /** A secret of Secrets Manager costs something, a password and IAM nothing. */
  masterLogin?: 'password' | 'managed' | 'iam' | undefined
  /** In which year of Extended Support it is, from 1, if it pays for that. */
  extendedSupportYear?: number | undefined
}

/** A part of what a database costs, in US dollars per month; `undefined` where the price is not known. */
interface CostPart {
  /** For people, e.g. `db.t4g.micro`, `20 GB of gp3`. */
  what: string
  running: number | undefined
  stopped: number | undefined
}

/** What a database costs in US dollars per month of 730 hours. */
export interface CostEstimate {
  /** `undefined` if the price of a part is not known. With Serverless v2, at its lowest capacity all month. */
  running: number | undefined
  stopped: number | undefined
  /** With Serverless v2, at its highest capacity all month. */
  runningMost: number | undefined
  parts: CostPart[]
  /** What comes on top by use, in words with its price. */
  besides: string[]
  /** The region whose prices these are, whichever the database is in. */
  pricesRegion: string
  /** `YYYY-MM-DD`. */
  pricesAsOf: string
}

/** A part with what it costs at most, if that is more. */
interface Part extends CostPart {
  runningMost?: number | undefined
}

/** The class of instances of Serverless v2. */
const SERVERLESS = 'db.serverless'

/** Reckons what a database costs while it runs and while it is stopped, without what depends on use. Asks nobody. */
export function estimateCost(options: CostOptions): CostEstimate {
  const { engine, storageGib, publiclyAccessible = false, masterLogin, extendedSupportYear } = options
  const parts: Part[] = [classPart(options)]
  if (storageGib !== undefined) parts.push(storagePart(storageGib, options))
  if (publiclyAccessible) {
    const hours = HOURS_PER_MONTH * (options.instances ?? 1)
    parts.push({ what: 'public IPv4 address', running: PRICE.publicIpv4Hour * hours, stopped: 0 })
  }
  if (masterLogin === 'managed')
    parts.push({ what: 'secret of the password', running: PRICE.secret, stopped: PRICE.secret })
  if (extendedSupportYear !== undefined) parts.push(extendedSupportPart(extendedSupportYear, options))
  return {
    running: sum(parts.map(({ running }) => running)),
    stopped: sum(parts.map(({ stopped }) => stopped)),
    runningMost: options.capacity && sum(parts.map((part) => part.runningMost ?? part.running)),
    parts: parts.map(({ what, running, stopped }) => ({ what, running, stopped })),
    besides:
      options.capacity || engine?.startsWith('aurora')
        ? [
            `data: ${dollars(PRICE.auroraStorage)} per GB and month`,
            `its requests to the storage: ${dollars(PRICE.auroraIo)} per million`,
            `backups beyond the size of the data: ${dollars(PRICE.auroraBackup)} per GB and month`,
          ]
        : [`backups beyond the size of the storage: ${dollars(PRICE.backup)} per GB and month`],
    pricesRegion: PRICES_REGION,
    pricesAsOf: PRICES_AS_OF,
  }
}

/** The instances themselves; Multi-AZ pays for a second one. */
function classPart(options: CostOptions): Part {
  const { className, capacity, engine = 'postgres' } = options
  if (capacity && (className ?? SERVERLESS) === SERVERLESS) {
    const acu = PRICE.acuHour * copies(options) * HOURS_PER_MONTH
    return {
      what: `${capacity.min} to ${capacity.max} capacity units`,
      running: acu * capacity.min,
      runningMost: acu * capacity.max,
      stopped: 0,
    }
  }
  const price = engine === 'postgres' && className !== undefined ? priceOfClass(className) : undefined
  return {
    what: className ?? 'instances',
    running: price && price.hour * copies(options) * HOURS_PER_MONTH,
    stopped: 0,
  }
}

function storagePart(gib: number, { storageType = 'gp3', iops, multiAz }: CostOptions): Part {
  const perGib = priceOfStorage(storageType)
  const provisioned = storageType !== 'io1' ? 0 : iops === undefined ? undefined : iops * PRICE.io1Iops
  const price =
    perGib === undefined || provisioned === undefined
      ? undefined
      : (gib * perGib + provisioned) * (multiAz === true ? 2 : 1)
  return { what: `${gib} GB of ${storageType}`, running: price, stopped: price }
}

function extendedSupportPart(year: number, options: CostOptions): Part {
  const what = `Extended Support, year ${year}`
  const { vcpuHour, acuHour } = PRICE.extendedSupport
  const column = year < 3 ? 0 : 1
  const hours = copies(options) * HOURS_PER_MONTH
  if (options.capacity) {
    const { min, max } = options.capacity
    return {
      what,
      running: acuHour[column] * min * hours,
      runningMost: acuHour[column] * max * hours,
      stopped: 0,
    }
  }
  const vcpus = options.className === undefined ? undefined : priceOfClass(options.className)?.vcpus
  return { what, running: vcpus && vcpuHour[column] * vcpus * hours, stopped: 0 }
}

/** How many instances are paid for. */
function copies({ instances = 1, multiAz = false }: CostOptions): number {
  return instances * (multiAz ? 2 : 1)
}

/** A price of one of something: some are less than a cent. */
function dollars(price: number): string {
  return price.toLocaleString('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 3 })
}

/** `undefined` if one of them is; to the cent. */
function sum(amounts: readonly (number | undefined)[]): number | undefined {
  let total = 0
  for (const amount of amounts) {
    if (amount === undefined) return undefined
    total += amount
  }
  return Math.round(total * 100) / 100
}
