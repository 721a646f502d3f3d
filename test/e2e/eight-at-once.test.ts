import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { isWhole } from '../sampling.ts';
import { shell, SmallWorld } from './harness/small-world.ts';

const names = Array.from({ length: isWhole ? 50 : 4 }, (_, index) => `app-${String(index)}`);
const rounds = isWhole ? 3 : 1;
const world = new SmallWorld(names);
afterAll(() => {
  world.remove();
});

it('eight runs at once over all targets make exactly one pull request of each, round after round', async () => {
  for (let round = 0; round < rounds; round++) {
    const ends = await Promise.all(
      Array.from({ length: 8 }, () => shell('meshwright open --all --json', world.folder)),
    );

    for (const { code, stdout, stderr } of ends) expect(code, `${stdout}\n${stderr}`).toBe(0);
    for (const name of names)
      expect(
        readdirSync(join(world.folder, 'forge/acme', `${name}.pulls`)).filter((file) =>
          /^\d+\.md$/.test(file),
        ),
        name,
      ).toEqual(['1.md']);
  }
});
