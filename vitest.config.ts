import { defineConfig } from 'vitest/config'
import { NEWEST_MAJOR, OLDEST_MAJOR } from './test/support/embedded-postgres.ts'

/** What speaks with a server, and may find another one different. */
const ABOUT_THE_SERVER = [
  'test/examples/home-feed.test.ts',
  'test/lib/postgres/**/*.test.ts',
  'test/lib/prompt/**/*.test.ts',
  'test/lib/script/**/*.test.ts',
  'test/lib/setup/**/*.test.ts',
]

/** Its digest of a database asks for columns that PostgreSQL 12 brought. */
const CONFORMANCE = { since: 12, include: 'test/conformance/conformance-live.test.ts' }

function onMajor(major: number) {
  return {
    extends: true as const,
    test: {
      name: `PostgreSQL ${major}`,
      include: [...ABOUT_THE_SERVER, ...(major >= CONFORMANCE.since ? [CONFORMANCE.include] : [])],
      env: { TEST_POSTGRES_MAJOR: String(major) },
    },
  }
}

const isGiven = Boolean(process.env['TEST_DATABASE_URL'] ?? process.env['TEST_POSTGRES_MAJOR'])

export default defineConfig({
  test: {
    // Real servers and real processes: a busy machine needs time, and a test never asserts on it.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Tests mostly wait, for servers and processes: two cores serve three of them at once.
    maxWorkers: 3,
    globalSetup: ['test/support/build.ts', 'test/support/global-setup.ts'],
    disableConsoleIntercept: true,
    projects: [
      { extends: true, test: { name: 'all', include: ['test/**/*.test.ts'] } },
      // In CI also the oldest and the newest server that there is a package of; they are fetched once.
      ...(process.env['CI'] && !isGiven ? [onMajor(OLDEST_MAJOR), onMajor(NEWEST_MAJOR)] : []),
    ],
  },
})
