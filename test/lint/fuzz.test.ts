import { expect, it } from 'vitest';
import { fuzz } from './fuzz/run.ts';

it('lint takes whatever it is given: 2,000 mutants of its own examples, no crash, every finding in its file', async () => {
  const { failures, findings } = await fuzz(0, 2000);

  expect(failures).toEqual([]);
  expect(findings).toBeGreaterThan(2000);
});
