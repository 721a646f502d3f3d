// Before each file of tests: one seed for all that is random, and a failure says how to see it again.
import { relative } from 'node:path';
import fc from 'fast-check';
import { beforeEach } from 'vitest';
import { commandFor, seed } from './sampling.ts';

fc.configureGlobal({ seed });

beforeEach(({ task, onTestFailed }) => {
  onTestFailed(() => {
    const names = [task.name];
    for (let suite = task.suite; suite !== undefined; suite = suite.suite) names.unshift(suite.name);
    const file = relative(process.cwd(), task.file.filepath);
    console.error(
      `again: ${commandFor(task.file.projectName ?? '', file, names.filter((name) => name !== '').join(' '))}`,
    );
  });
});
