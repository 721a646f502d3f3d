import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Of itself vitest leaves one of two cores alone.
    maxWorkers: '100%',
    projects: [
      { test: { name: 'architecture', include: ['test/architecture/**/*.test.ts'], testTimeout: 600_000 } },
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/judges/**', 'test/architecture/**'],
          // A busy machine is no fault; how long things take is for the bench to say.
          testTimeout: 60_000,
        },
      },
      // Measures, and asserts nothing: npm run bench.
      { test: { name: 'bench', include: ['bench/**/*.ts'], testTimeout: 3_600_000 } },
      {
        test: {
          name: 'judges',
          include: ['test/judges/**/*.test.ts'],
          testTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
