// Regeneration: a merge beside its lower bound and beside git's, and whole upgrades of many targets in one process.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** A folder of one target in memory. */
function treeOf(files) {
  const snapshot = {
    paths: new Set(files.keys()),
    links: new Set(),
    files: new Map(),
    unreadable: new Set(),
  };
  const read = (paths) =>
    Promise.resolve({
      ok: true,
      problems: [],
      value: { files: new Map(paths.map((path) => [path, files.get(path)])), unreadable: new Set() },
    });
  return { revision: '', snapshot, read };
}

function withChanges(files, planned) {
  const after = new Map(files);
  for (const { bundles } of planned)
    for (const { changes } of bundles)
      for (const { path, after: text } of changes)
        if (text === undefined) after.delete(path);
        else after.set(path, text);
  return after;
}

function manifests(name) {
  return new Map([
    ['deploy/lab/kustomization.yaml', `namespace: ${name}\nresources:\n- app.yaml\n`],
    [
      'deploy/lab/app.yaml',
      ['frontend', 'cart']
        .map(
          (app) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${app}}
spec:
  selector: {matchLabels: {app: ${app}}}
  template:
    metadata: {labels: {app: ${app}}}
    spec:
      serviceAccountName: ${app}
      containers: [{name: ${app}, image: "${app}:1"}]
---
apiVersion: v1
kind: Service
metadata: {name: ${app}}
spec: {selector: {app: ${app}}, ports: [{port: ${app === 'cart' ? 7070 : 8080}}]}
`,
        )
        .join('---\n'),
    ],
  ]);
}

/** What people do to generated files. */
function edited(files) {
  const after = new Map(files);
  const change = (path, from, to) => after.set(path, after.get(path).replace(from, to));
  change('deploy/lab/istio-sidecar.yaml', '# DNS', '# DNS, ask #platform');
  change('deploy/lab/virtual-service.yaml', '      route:', '      timeout: 5s # slow reports\n      route:');
  return after;
}

export async function benchUpgrade({
  inside,
  counts,
  fleetOf,
  templates,
  firstTemplates,
  row,
  median,
  milliseconds,
}) {
  const { loadFleet, mergeYaml, planApply, planUpgradesIn } = inside;
  const perTarget = [];
  for (const count of counts) {
    const fleet = loadFleet(fleetOf(count), 'fleet.yaml');
    if (!fleet.ok) throw new Error(JSON.stringify(fleet.problems));
    const repositories = [];
    for (const target of fleet.value.targets) {
      const start = manifests(target.namespace);
      const first = await planApply([target], firstTemplates, treeOf(start));
      repositories.push({ target, files: edited(withChanges(start, first)) });
    }
    const options = { restore: false };
    let began = performance.now();
    for (const { target, files } of repositories) {
      const [planned] = await planUpgradesIn([target], firstTemplates, treeOf(files), options);
      if (planned.bundles.length > 0) throw new Error(`${target.id} is due`);
    }
    const idle = (performance.now() - began) / count;
    global.gc?.();
    began = performance.now();
    for (const { target, files } of repositories) {
      const [planned] = await planUpgradesIn([target], templates, treeOf(files), options);
      if (planned.bundles[0].changes.length === 0 || planned.bundles[0].conflicts.length > 0)
        throw new Error(JSON.stringify(planned.problems));
    }
    const taken = performance.now() - began;
    perTarget.push(taken / count);
    row(
      `upgrade ${count} targets with edits of people, merged and proven`,
      `${(taken / 1000).toFixed(1)} s`,
      '',
      `${(taken / count).toFixed(1)} ms a target; ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB; nothing due: ${idle.toFixed(3)} ms a target`,
    );
  }

  const fleet = loadFleet(fleetOf(1), 'fleet.yaml').value;
  const [{ bundles }] = await planApply(fleet.targets, firstTemplates, treeOf(manifests('shop-0')));
  const base = bundles[0].changes.find(({ path }) => path.endsWith('istio-authorizationpolicy.yaml')).after;
  const ours = base.replace('# The declared callers of one service.', '# Ask #platform before you add one.');
  const theirs = base.replaceAll('sa/frontend', 'sa/front-end');
  const merge = median(31, (run) => {
    // What was read a moment ago is remembered: each run has texts of its own.
    const [one, two, three] = [base, ours, theirs].map((text) => `${text}# run ${run}\n`);
    const merged = mergeYaml({ base: one, ours: two, theirs: three }, 'f.yaml');
    if (!merged.ok || merged.value.conflicts.length > 0) throw new Error('the merge failed');
  });
  const parse = median(31, () => [base, ours, theirs].map((text) => parseAllDocuments(text)));
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-bench-'));
  try {
    for (const [name, text] of Object.entries({ base, ours, theirs }))
      writeFileSync(join(folder, name), text);
    const git = median(11, () =>
      execFileSync('git', ['merge-file', '-p', 'ours', 'base', 'theirs'], { cwd: folder, stdio: 'pipe' }),
    );
    row(
      `merge a file of ${base.split('\n').length - 1} lines and ${base.split('---\n').length} objects`,
      milliseconds(merge),
      `${milliseconds(parse)} (\`yaml\`: parse the three texts); ${milliseconds(git)} (\`git merge-file\`, a process)`,
      `${(merge / parse).toFixed(1)} times the parsing`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
