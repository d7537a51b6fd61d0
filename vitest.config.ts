import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/sequence.ts'

// `unit` is what a developer runs in a minute; `journeys` spawns the built tool, kills it, and runs dbt; `gcp` does so against
// servers that speak Google's protocols, which it installs and starts itself (test/peers).
const skipPeers = process.env.RETAIL_PEERS === 'skip'
if (skipPeers) console.warn('RETAIL_PEERS=skip: nothing of target gcp is tested')

const env = {
  // Brokers, emulators, and Spark live for less than a minute: the better compiler and a second collector never pay.
  JDK_JAVA_OPTIONS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
  // Empty means unset. Some images set it: every start of Airflow or an emulator then compiles a thousand modules again.
  PYTHONDONTWRITEBYTECODE: '',
}

const gcp = {
  test: {
    name: 'gcp',
    env,
    include: ['test/gcp/*.test.ts'],
    setupFiles: ['test/cpu-time.ts'],
    globalSetup: ['test/build.ts', 'test/python.ts', 'test/peers/pool.ts'],
    testTimeout: 600_000,
    hookTimeout: 1_200_000,
  },
}

/** The templates as shipped, on engines that are installed from their locks into a cache: `make test-engines`. */
const engines = {
  test: {
    name: 'engines',
    env,
    include: ['test/engines/*.test.ts'],
    setupFiles: ['test/cpu-time.ts'],
    globalSetup: ['test/build.ts', 'test/python.ts'],
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
  },
}

export default defineConfig({
  test: {
    // More than a machine of two cores has: many tests wait, for emulators or for a kill.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/cpu-time-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{src,commands}/**/*.test.ts'],
          globalSetup: ['test/build.ts'],
          setupFiles: ['test/cpu-time.ts', 'test/seed.ts'],
          testTimeout: 60_000,
          // Most of the time of a small file would be loading what the one before it has loaded.
          isolate: false,
        },
      },
      {
        test: {
          name: 'journeys',
          env,
          include: ['test/*.test.ts', 'test/page/*.test.ts'],
          setupFiles: ['test/cpu-time.ts'],
          globalSetup: ['test/build.ts', 'test/python.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      engines,
      ...(skipPeers ? [] : [gcp]),
    ],
  },
})
