import { defineConfig } from 'vitest/config'

// `unit` is what a developer runs in a minute; `journeys` spawns the built tool, kills it, and runs dbt; `gcp` does so against
// servers that speak Google's protocols, which it installs and starts itself (test/peers).
const skipPeers = process.env.RETAIL_PEERS === 'skip'
if (skipPeers) console.warn('RETAIL_PEERS=skip: nothing of target gcp is tested')

const gcp = {
  test: {
    name: 'gcp',
    include: ['test/gcp/*.test.ts'],
    globalSetup: ['test/build.ts'],
    testTimeout: 600_000,
    hookTimeout: 1_200_000,
    fileParallelism: false,
  },
}

/** The templates as shipped, on engines that are installed from their locks into a cache: `make test-engines`. */
const engines = {
  test: {
    name: 'engines',
    include: ['test/engines/*.test.ts'],
    globalSetup: ['test/build.ts'],
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    fileParallelism: false,
  },
}

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
          include: ['test/*.test.ts', 'test/page/*.test.ts'],
          globalSetup: ['test/build.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          maxWorkers: 2,
        },
      },
      engines,
      ...(skipPeers ? [] : [gcp]),
    ],
  },
})
