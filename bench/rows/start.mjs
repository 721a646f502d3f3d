// Whole processes for one target or one small repository: what a person waits for.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function rows({ root, builds, isShort, measure, row, judge, forge, folder }) {
  const { node, other, medianOf, seconds } = measure;
  const times = isShort ? 3 : 11;
  const bare = medianOf(times, () => node(['-e', '0']));
  const small = join(root, 'examples/repositories/acme/bookinfo');
  const kubeconform = judge('kubeconform', 'kubeconform');
  const kustomize =
    judge('kustomize', 'kustomize') ??
    ['kustomize', 'kubectl'].find(
      (name) => other(name, name === 'kubectl' ? ['kustomize', '--help'] : ['version']) !== undefined,
    );
  const helm = judge('helm', 'helm') ?? 'helm';
  const directory = join(small, 'deploy/overlays/lab');
  const built = () =>
    kustomize === undefined || !existsSync(directory)
      ? undefined
      : other(kustomize, kustomize === 'kubectl' ? ['kustomize', directory] : ['build', directory]);
  // Its schemas are on the network, which a measurement does not ask: it reads the files, and finds no schema for them.
  const withoutSchemas = ['-schema-location', join(small, 'none'), '-ignore-missing-schemas', small];
  const peers = {
    lint: () =>
      `${seconds(kubeconform && medianOf(times, () => other(kubeconform, withoutSchemas, { codes: [0, 1] })))} (kubeconform)`,
    render: () =>
      [
        `${seconds(medianOf(times, built))} (kustomize build)`,
        `${seconds(medianOf(times, () => other(helm, ['template', chart])))} (helm template of the same objects)`,
      ].join('; '),
    diff: () => 'none does it',
    help: () => `${seconds(bare.seconds)} (\`node -e 0\`)`,
  };
  const chart = chartOf(builds[0], folder, forge());
  const commands = {
    help: ['--help'],
    lint: ['lint', small, '--no-fleet'],
    render: ['render', 'bookinfo@lab', '--stdout'],
    diff: ['diff', 'bookinfo@lab'],
  };
  for (const [name, args] of Object.entries(commands)) {
    const env = forge();
    const taken = builds.map((cli) =>
      medianOf(times, () => node([cli, ...args], { codes: [0, 1], env, cwd: env.MESHWRIGHT_BENCH_CWD })),
    );
    row({
      what: `cold \`${name === 'help' ? '--help' : name}\`${name === 'help' ? '' : ' of one'}, whole process`,
      figures: taken.map((each) => seconds(each.seconds)),
      peer: peers[name](),
      note: `${(taken[0].seconds / bare.seconds).toFixed(1)} times \`node -e 0\``,
    });
  }
}

/** The objects of the bundle as a chart, with nothing left to fill in. */
function chartOf(cli, folder, env) {
  const chart = join(folder, 'chart');
  const { stdout } = spawnSync(process.execPath, [cli, 'render', 'bookinfo@lab', '--stdout'], {
    encoding: 'utf8',
    env,
    cwd: env.MESHWRIGHT_BENCH_CWD,
  });
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: bundle\nversion: 1.0.0\n');
  writeFileSync(join(chart, 'templates/bundle.yaml'), stdout);
  return chart;
}
