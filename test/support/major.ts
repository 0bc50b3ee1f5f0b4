import { DEFAULT_MAJOR } from './embedded-postgres.ts'

/** The major version of the servers that tests start for themselves: that of the run (TEST_POSTGRES_MAJOR). */
export const TEST_MAJOR = Number(process.env['TEST_POSTGRES_MAJOR'] ?? DEFAULT_MAJOR)
