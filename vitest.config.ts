import { randomInt } from 'node:crypto';
import { defineConfig } from 'vitest/config';
import { precompiledTemplates } from './precompile.mjs';

// Drawn once; what runs the files of tests inherits it (test/sampling.ts).
process.env.MESHWRIGHT_SEED ??= String(randomInt(2 ** 31));

/** A busy machine is not a fault, and how long things take is for the bench to say: this only ends what hangs. */
const hang = 900_000;
const shared = {
  setupFiles: ['test/setup.ts'],
  testTimeout: hang,
  hookTimeout: hang,
  teardownTimeout: hang,
};

export default defineConfig({
  test: {
    // Of itself vitest leaves one of two cores alone.
    maxWorkers: process.env.TEST_WORKERS ?? '100%',
    globalSetup: ['test/print-seed.ts'],
    projects: [
      { test: { ...shared, name: 'architecture', include: ['test/architecture/**/*.test.ts'] } },
      // Golden files hold for what the build makes of templates, too: it is what these tests render with.
      {
        plugins: [precompiledTemplates()],
        test: {
          ...shared,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/judges/**', 'test/architecture/**'],
        },
      },
      // Measures, and asserts nothing: npm run bench.
      {
        test: {
          name: 'bench',
          include: ['bench/*.ts'],
          exclude: ['bench/inside.ts'],
          testTimeout: 3_600_000,
        },
      },
      {
        test: { ...shared, name: 'judges', include: ['test/judges/**/*.test.ts'], fileParallelism: false },
      },
      { test: { ...shared, name: 'e2e', include: ['test/e2e/**/*.test.ts'] } },
    ],
  },
});
