import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Target } from '../../src/model/fleet.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { renderTargets } from '../../src/flows/render.ts';
import { draftOf } from '../../src/bundle/draft.ts';
import { templates } from '../fakes/templates.ts';

const root = new URL('../../', import.meta.url);
const fleetText = readFileSync(new URL('examples/fleet.yaml', root), 'utf8');

/** Where the fleet declares no labels, apply reads them from the repository; here they are as in most of them. */
function withLabels(target: Target): Target {
  if (target.kind === 'cluster') return target;
  const specs = target.specs.map((spec) => ({
    ...spec,
    services: spec.services.map((service) => ({
      ...service,
      selector: service.selector ?? { app: service.name },
    })),
  }));
  return { ...target, specs };
}

/** Bundles and pull requests as people get them. Read them when they change: they are the product. */
const mode = (text: string) => text.replace(/( +)region: .*\n/, '$&$1mode: strict\n');
describe.each([
  ['joined', (text: string) => text],
  ['enforced', (text: string) => text.replaceAll('joined', 'enforced')],
  ['permissive', (text: string) => text],
  ['strict', mode],
])('at stage %s', (stage, declared) => {
  const fleet = loadFleet(declared(fleetText), 'fleet.yaml');
  if (!fleet.ok) throw new Error(JSON.stringify(fleet.problems));
  const targets = fleet.value.targets.filter((target) => target.stage === stage).map(withLabels);

  it.each(targets.map((target) => [target.id.replace('/', '-'), target] as const))(
    '%s is written as it was read',
    async (id, target) => {
      const [planned] = renderTargets([target], templates);
      const bundle = planned?.bundles[0];
      if (bundle === undefined) throw new Error('no bundle');
      const files = bundle.changes.map(({ path, after }) => `#### ${path}\n${after ?? ''}`);
      const draft = draftOf(target, bundle, templates, {
        forge: fleet.value.forge,
        purpose: { kind: 'stage' },
      });
      const pullRequest = draft.ok
        ? `#### pull request on ${draft.value.branch}: ${draft.value.title}\n${draft.value.body}`
        : '';

      await expect([...files, pullRequest].join('\n')).toMatchFileSnapshot(
        new URL(`test/golden/${id}-${stage}.txt`, root).pathname,
      );
    },
  );
});
