// Start-up, render, plan and edit, each beside a baseline measured in the same run. Prints the table of
// docs/PERFORMANCE.md. Nothing here is a test: figures depend on the machine.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchUpgrade } from './upgrade.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist/src/cli.js');
const from = (path) => import(join(root, 'dist', path));
const [
  { loadFleet },
  { renderTargets },
  { planApply },
  { readTemplates },
  { createFiles },
  { editYaml },
  { planFleetWaves },
] = await Promise.all([
  from('src/fleet/load.js'),
  from('src/flows/render.js'),
  from('src/flows/apply.js'),
  from('src/adapters/templates.js'),
  from('src/adapters/files.js'),
  from('src/yaml/edit.js'),
  from('src/flows/wave-plan.js'),
]);

const rows = [];
const row = (what, figure, baseline = '', note = '') => rows.push([what, figure, baseline, note]);
const milliseconds = (value) => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;

function median(times, run) {
  const taken = [];
  for (let index = 0; index < times; index++) {
    const start = performance.now();
    run(index);
    taken.push(performance.now() - start);
  }
  return taken.sort((one, other) => one - other)[Math.floor(times / 2)];
}

async function medianAsync(times, run) {
  const taken = [];
  for (let index = 0; index < times; index++) {
    const start = performance.now();
    await run(index);
    taken.push(performance.now() - start);
  }
  return taken.sort((one, other) => one - other)[Math.floor(times / 2)];
}

const node = median(11, () => spawnSync(process.execPath, ['-e', '0']));
const help = median(11, () => spawnSync(process.execPath, [cli, '--help']));
row(
  '`meshwright --help`',
  milliseconds(help),
  `${milliseconds(node)} (\`node -e 0\`)`,
  `${(help / node).toFixed(1)} times`,
);

const examples = readFileSync(join(root, 'examples/fleet.yaml'), 'utf8');
const head = examples
  .slice(0, examples.indexOf('namespaces:'))
  // Clusters without a repository are no targets.
  .replace('  repository: acme/platform\n', '');
function fleetOf(count) {
  const entries = Array.from(
    { length: count },
    (_, index) => `  - name: shop-${index}
    repository: acme/shop-${index}
    path: deploy/{environment}
    environments: [lab]
    stage: joined
    namespaceManifest: create
    services:
      - {name: frontend, serviceAccount: frontend, ports: [8080], hosts: ["shop-${index}.{domain}"], calls: ["cart:7070", "shop-${(index + 1) % count}/cart:7070"]}
      - {name: cart, serviceAccount: cart, ports: [7070/grpc]}
    external: [{host: api.example.com}]
`,
  );
  return `${head}namespaces:\n${entries.join('')}`;
}

const templates = (await readTemplates(join(root, 'templates'), undefined)).value;
for (const count of [1, 100, 10_000]) {
  const text = fleetOf(count);
  const start = performance.now();
  const fleet = loadFleet(text, 'fleet.yaml');
  const loaded = performance.now() - start;
  if (!fleet.ok) throw new Error(JSON.stringify(fleet.problems));
  const rendered = median(count > 1000 ? 3 : 11, () => {
    const files = renderTargets(fleet.value.targets, templates).flatMap(({ bundles }) => bundles[0].changes);
    if (files.length !== count * 8) throw new Error(`${files.length} files`);
  });
  row(
    `render ${count} target${count === 1 ? '' : 's'}`,
    milliseconds(rendered),
    '',
    `${(rendered / count).toFixed(3)} ms a target; loading the fleet file: ${milliseconds(loaded)}`,
  );
}

const directory = mkdtempSync(join(tmpdir(), 'meshwright-bench-'));
try {
  const fleetFile = join(directory, 'fleet.yaml');
  writeFileSync(fleetFile, fleetOf(10_000));
  const report = `data:text/javascript,${encodeURIComponent("process.on('exit', () => process.stderr.write('PEAK ' + process.resourceUsage().maxRSS + '\\n'))")}`;
  const whole = performance.now();
  const args = ['--import', report, cli, 'render', '--all', '--stdout', '--fleet', fleetFile];
  const run = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (run.status !== 0) throw new Error(run.stderr);
  const seconds = (performance.now() - whole) / 1000;
  const peak = Number(/PEAK (\d+)/.exec(run.stderr)?.[1] ?? 0) / 1024;
  const size = run.stdout.length / 1024 / 1024;
  row(
    '`render --all --stdout`, 10,000 targets, whole process',
    `${seconds.toFixed(1)} s`,
    '',
    `${peak.toFixed(0)} MiB peak, ${size.toFixed(0)} MiB written`,
  );

  // The same bundle by the tool people use today: kustomize builds it from a directory.
  const fleet = loadFleet(fleetOf(1), 'fleet.yaml').value;
  const [planned] = renderTargets(fleet.targets, templates);
  for (const { path, after } of planned.bundles[0].changes)
    writeFileSync(join(directory, path.split('/').at(-1)), after);
  rmSync(fleetFile);
  const build = ['kubectl', 'kustomize'].find((name) => spawnSync(name, ['version']).error === undefined);
  if (build !== undefined) {
    const buildArgs = build === 'kubectl' ? ['kustomize', directory] : ['build', directory];
    const kustomize = median(7, () => execFileSync(build, buildArgs, { stdio: 'pipe' }));
    writeFileSync(join(directory, 'one.yaml'), fleetOf(1));
    const one = median(7, () =>
      execFileSync(
        process.execPath,
        [cli, 'render', '--all', '--stdout', '--fleet', join(directory, 'one.yaml')],
        { stdio: 'pipe' },
      ),
    );
    row(
      'one bundle, whole process: `meshwright render --stdout`',
      milliseconds(one),
      `${milliseconds(kustomize)} (\`${build === 'kubectl' ? 'kubectl kustomize' : 'kustomize build'}\` of the same files)`,
      `${(one / kustomize).toFixed(1)} times`,
    );
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** The same tree with texts that were not read before, since what was read a moment ago is remembered. */
function neverRead(tree, run) {
  const salted = (files) =>
    new Map(
      [...files].map(([path, text]) => [path, /\.ya?ml$/.test(path) ? `${text}\n# run ${run}\n` : text]),
    );
  const read = async (paths) => {
    const result = await tree.read(paths);
    return { ...result, value: { ...result.value, files: salted(result.value.files) } };
  };
  return { ...tree, snapshot: { ...tree.snapshot, files: salted(tree.snapshot.files) }, read };
}

const fleet = loadFleet(examples, 'fleet.yaml').value;
const files = createFiles();
for (const [id, repository] of [
  ['bookinfo@lab', 'acme/bookinfo'],
  ['online-boutique@lab', 'acme/apps'],
  ['cluster/lab-eu-1', 'acme/platform'],
]) {
  const targets = fleet.targets.filter((target) => target.id === id);
  const checkout = join(root, 'examples/repositories', repository);
  const count = readdirSync(checkout, { recursive: true }).filter((name) => /\.ya?ml$/.test(name)).length;
  const planned = await medianAsync(7, async (run) =>
    planApply(targets, templates, neverRead((await files.tree(checkout)).value, run)),
  );
  row(`plan ${id} against its repository (${count} manifests), proof included`, milliseconds(planned));
}

const lines = Array.from({ length: 2000 }, (_, index) => `  - file-${index}.yaml # ${index}`);
const large = `resources:\n${lines.join('\n')}\nnamespace: x\n`;
const { parseDocument } = await import('yaml');
const edit = median(7, (run) =>
  editYaml(`${large}# run ${run}\n`, 'f', 0, [{ op: 'append', path: ['resources'], value: 'new.yaml' }]),
);
const reprint = median(7, () => {
  const document = parseDocument(large);
  document.addIn(['resources'], 'new.yaml');
  String(document);
});
row(
  'byte-exact edit of a file of 2,000 lines, checked',
  milliseconds(edit),
  `${milliseconds(reprint)} (\`yaml\`: parse, add, print again)`,
  `${(edit / reprint).toFixed(1)} times`,
);

for (const count of [500, 5000]) {
  const calls = loadFleet(fleetOf(count), 'fleet.yaml').value;
  const waves = median(count > 1000 ? 3 : 7, () => planFleetWaves(calls, 10));
  row(`wave plan of ${count} namespaces in one circle of calls`, milliseconds(waves), '');
}

const firstTemplates = (await readTemplates(join(root, 'templates'), '1.0.0')).value;
await benchUpgrade({
  from,
  fleetOf: (count) =>
    fleetOf(count).replaceAll('deploy/{environment}', 'deploy/lab').replaceAll('create', 'external'),
  loadFleet,
  templates,
  firstTemplates,
  row,
  median,
  milliseconds,
});

console.log(`Node ${process.version}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB\n`);
console.log('| what | figure | baseline in the same run | note |\n|---|---|---|---|');
for (const cells of rows) console.log(`| ${cells.join(' | ')} |`);
