import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rules } from '../../src/lint/all-rules.ts';
import { fixturesOf } from '../lint/fixture.ts';
import { slice } from '../sampling.ts';
import { builtAt, gatewaysElsewhere, stages, targets } from './harness/bundles.ts';
import { istioctl, istioctlBinary, istioctlSays, type Said } from './harness/istioctl.ts';

describe.each(targets.flatMap(([target]) => stages.map((stage) => [target, stage] as const)))(
  'istioctl has nothing to say of %s at %s:',
  (target, stage) => {
    it.each(['validate', 'analyze'] as const)('%s', async (command) => {
      expect(await istioctlSays(command, [...builtAt(stage, target), ...gatewaysElsewhere])).toEqual([]);
    });
  },
);

/** Its logs carry the time, and it goes through files in an order of its own. */
function comparable({ status, stdout, stderr }: Said): unknown {
  const [out, errors] = [stdout, stderr].map((text) =>
    text
      .replace(/^\d{4}-\d\d-\d\dT\S+/gm, 'TIME')
      .split('\n')
      .sort(),
  );
  return { status, out, errors };
}

describe('the istioctl that stays says, whatever it was asked before, what one that is started for it says', () => {
  const cases = rules.flatMap(({ id }) =>
    fixturesOf(id, 'bad').map(({ name, files }) => [`${id}/${name}`, files] as const),
  );

  it.each(slice(cases, 40))('of the example %s', async (_, files) => {
    const folder = mkdtempSync(join(tmpdir(), 'meshwright-istioctl-'));
    try {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
      for (const args of [
        ['analyze', '--use-kube=false', '--all-namespaces', '--output=json', folder],
        ['analyze', '--use-kube=false', '--all-namespaces', folder],
        ['validate', '-f', folder],
      ]) {
        const { status, stdout, stderr } = spawnSync(istioctlBinary, args, { encoding: 'utf8' });

        expect(comparable(await istioctl(args))).toEqual(
          comparable({ status: status ?? -1, stdout, stderr }),
        );
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
