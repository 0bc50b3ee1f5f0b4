import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real servers and real processes: a busy machine needs time, and a test never asserts on it.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    globalSetup: ['test/support/build.ts', 'test/support/global-setup.ts'],
    disableConsoleIntercept: true,
  },
})
