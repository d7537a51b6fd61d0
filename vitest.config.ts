import { defineConfig } from 'vitest/config'

// Two projects: `unit` is what a developer runs in a minute; `journeys` spawns the built tool, kills it, and runs dbt.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{src,commands}/**/*.test.ts'],
          globalSetup: ['test/build.ts'],
          setupFiles: ['test/seed.ts'],
          testTimeout: 30_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'journeys',
          include: ['test/**/*.test.ts'],
          globalSetup: ['test/build.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          maxWorkers: 2,
        },
      },
    ],
  },
})
