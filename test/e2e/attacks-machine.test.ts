import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { machine } from '../attacks/machine.ts';
import { slice } from '../sampling.ts';
import { hasOwnMounts, shell, SmallWorld } from './harness/small-world.ts';

const world = new SmallWorld(['app1']);
const mounts = hasOwnMounts();
afterAll(() => {
  world.remove();
});

/** Regular files of a checkout but those of git, with their texts. */
function contents(checkout: string): Readonly<Record<string, string>> {
  const names = readdirSync(checkout, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes('/.git/'));
  return Object.fromEntries(names.map((file) => [file.slice(checkout.length), readFileSync(file, 'utf8')]));
}

/** What apply writes. */
const added = [
  '/deploy/istio-authorizationpolicy.yaml',
  '/deploy/istio-sidecar.yaml',
  '/.meshwright/app1@lab.lock.yaml',
];

describe('what a machine may do to a run', () => {
  it.each(slice(machine, 4).map((each) => [each.name, each] as const))('%s', async (_, each) => {
    if (each.mounts === true && !mounts) return;
    const folder = world.copy();
    try {
      const checkout = join(folder, 'checkouts/app1');
      const before = contents(checkout);

      const { code, stdout, stderr } = await shell(each.line, folder);

      const told = `${stdout}\n${stderr}`;
      expect([each.code].flat(), told).toContain(code);
      if (each.says !== undefined) expect(stderr).toMatch(each.says);
      expect(told).not.toMatch(/has a bug|\n {4}at /);
      const after = contents(checkout);
      const names = Object.keys(after);
      expect(names.filter((name) => name.includes('.tmp'))).toEqual([]);
      if (each.leaves === 'whole' || (code === 0 && each.leaves === 'same'))
        expect(names).toEqual(expect.arrayContaining(added));
      else if (each.leaves === 'same') expect(after).toMatchObject(before);
      if (each.leaves === 'same' && code !== 0)
        expect(
          names.filter((name) => added.includes(name) && before[name] === undefined && after[name] !== ''),
        ).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
