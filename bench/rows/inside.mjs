// Inside of one process, without start-up: edits, merges, plans and upgrades.
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { fleetOf } from '../fleets.mjs';
import { benchUpgrade } from '../upgrade.mjs';

export async function rows({ root, inside: load, isShort, measure, row }) {
  const inside = await load();
  const { seconds } = measure;
  const median = (times, run) => {
    const taken = Array.from({ length: times }, (_, index) => {
      const start = performance.now();
      run(index);
      return performance.now() - start;
    });
    return taken.sort((one, two) => one - two)[Math.floor(times / 2)];
  };
  const milliseconds = (value) => seconds(value / 1000);
  const old = (what, figure, peer = '', note = '') =>
    row({ what, figures: [figure], peer: peer === '' ? 'none does it' : peer, note });

  const lines = Array.from({ length: 2000 }, (_, index) => `  - file-${index}.yaml # ${index}`);
  const large = `resources:\n${lines.join('\n')}\nnamespace: x\n`;
  const edit = median(7, (run) =>
    inside.editYaml(`${large}# run ${run}\n`, 'f', 0, [
      { op: 'append', path: ['resources'], value: 'new.yaml' },
    ]),
  );
  const reprint = median(7, () => {
    const document = parseDocument(large);
    document.addIn(['resources'], 'new.yaml');
    String(document);
  });
  old(
    'byte-exact edit of a file of 2,000 lines, checked',
    milliseconds(edit),
    `${milliseconds(reprint)} (\`yaml\`: parse, add, print again)`,
    `${(edit / reprint).toFixed(1)} times`,
  );
  for (const count of isShort ? [200] : [500, 5000]) {
    const fleet = inside.loadFleet(fleetOf(count), 'fleet.yaml').value;
    old(
      `order the waves of ${count} namespaces in one circle of calls`,
      milliseconds(median(3, () => inside.planFleetWaves(fleet, 10))),
    );
  }
  await benchUpgrade({
    inside,
    counts: isShort ? [20] : [250, 500, 1000],
    fleetOf: (count) =>
      fleetOf(count).replaceAll('deploy/{environment}', 'deploy/lab').replaceAll('create', 'external'),
    templates: await templatesOf(inside, root, undefined),
    firstTemplates: await templatesOf(inside, root, '1.0.0'),
    row: old,
    median,
    milliseconds,
  });
}

/** The package's own templates, with what compiles those that are not compiled already. */
async function templatesOf({ readTemplates, compileTemplate }, root, version) {
  const { value } = await readTemplates(join(root, 'templates'), version);
  return { ...value, compile: compileTemplate };
}
