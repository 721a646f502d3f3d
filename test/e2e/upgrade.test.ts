import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kustomizeBuild } from './harness/kustomize.ts';
import { git, World } from './harness/world.ts';

const lab = 'deploy/overlays/lab';
const branch = 'meshwright/bookinfo@lab.upgrade';
let world: World;

beforeEach(async () => {
  world = new World();
  await world.start();
});

afterEach(async () => {
  const { violations } = world.github;
  await world.stop();
  expect(violations).toEqual([]);
});

const upgrade = (...more: string[]) => world.meshwright(['upgrade', 'bookinfo@lab', ...more]);

/** Merges the newest pull request of bookinfo, as a person would. */
function merge(from: string): void {
  const checkout = world.checkoutOf('acme/bookinfo');
  git(checkout, 'fetch', '--quiet', 'origin');
  git(checkout, 'push', '--quiet', 'origin', `origin/${from}:refs/heads/main`);
  git(checkout, 'push', '--quiet', 'origin', `:refs/heads/${from}`);
  Object.assign(world.github.pulls.at(-1) ?? {}, { state: 'closed', mergedAt: '2026-01-01T00:00:00Z' });
}

/** Generated and merged with the first version of the templates. */
async function generatedLongAgo(): Promise<void> {
  expect(await world.meshwright(['open', 'bookinfo@lab'])).toMatchObject({ code: 0 });
  merge('meshwright/bookinfo@lab.joined');
  expect(await upgrade('--to', '1.0.0', '--open')).toMatchObject({ code: 0 });
  merge(branch);
}

function edit(file: string, from: string, to: string): void {
  const path = `${lab}/${file}`;
  const text = world.show('acme/bookinfo', 'main', path);
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  world.commit('acme/bookinfo', 'main', path, text.replace(from, to));
}

describe('upgrade', () => {
  it('tells what is due, opens one pull request that says why, and keeps what people changed', async () => {
    await generatedLongAgo();
    edit(
      'istio-sidecar.yaml',
      '        - kube-system/* # DNS\n',
      '        - kube-system/* # DNS\n        - legacy/* # until May\n',
    );
    edit('istio-restart.yaml', '# A patch', '# Ours: ask #platform.\n# A patch');

    const due = await upgrade('--check');
    const opened = await upgrade('--open');
    const again = await upgrade('--open', '--json');
    const pull = world.github.pulls.at(-1);

    expect(due).toMatchObject({ code: 1 });
    expect(due.stdout).toContain('bookinfo@lab  due: 6 files change');
    expect(opened).toMatchObject({ code: 0 });
    expect(opened.stdout).toContain('opened    bookinfo@lab');
    expect(pull).toMatchObject({
      branch,
      draft: false,
      title: 'Upgrade the mesh files of bookinfo (lab) to templates 1.2.0',
    });
    expect(pull?.body).toContain('Templates 1.1.0:\n\n- Routes of generated VirtualServices have a name');
    expect(JSON.parse(again.stdout)).toMatchObject({
      results: [{ target: 'bookinfo@lab', outcome: 'unchanged', conflicts: [] }],
    });
    expect(world.show('acme/bookinfo', branch, `${lab}/istio-sidecar.yaml`)).toContain(
      'legacy/* # until May',
    );
    expect(world.show('acme/bookinfo', branch, `${lab}/istio-restart-patch.yaml`)).toContain(
      '# Ours: ask #platform.\n# A patch',
    );
    expect(git(world.bareOf('acme/bookinfo'), 'ls-tree', '--name-only', `${branch}:${lab}`)).not.toContain(
      'istio-restart.yaml',
    );

    merge(branch);
    expect(await upgrade('--check')).toMatchObject({ code: 0, stdout: 'bookinfo@lab  up to date\n' });
  });

  it('opens a draft with a table where people and the fleet disagree; what people wrote stays in force', async () => {
    await generatedLongAgo();
    edit('istio-sidecar.yaml', 'mode: ALLOW_ANY', 'mode: ALLOW_SOME | "x"');
    writeFileSync(world.fleet, readFileSync(world.fleet, 'utf8').replaceAll('joined', 'enforced'));

    const refused = await upgrade('--open', '--json');
    const override = ['--override', 'schema-violation=the owners of bookinfo settle it'];
    const opened = await upgrade('--open', '--json', ...override);
    const pull = world.github.pulls.at(-1);
    const place = `${lab}/istio-sidecar.yaml`;

    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      problems: expect.arrayContaining([
        expect.objectContaining({ rule: 'schema-violation', file: place }),
      ]) as unknown,
      results: [{ outcome: 'refused' }],
    });
    expect(opened.code).toBe(1);
    expect(JSON.parse(opened.stdout)).toMatchObject({
      results: [
        {
          outcome: 'opened',
          conflicts: [
            {
              file: place,
              path: ['spec', 'outboundTrafficPolicy', 'mode'],
              base: 'ALLOW_ANY',
              ours: 'ALLOW_SOME | "x"',
              theirs: 'REGISTRY_ONLY',
            },
          ],
        },
      ],
    });
    expect(pull?.draft).toBe(true);
    expect(pull?.body).toContain(
      '| `Sidecar default` `spec.outboundTrafficPolicy.mode` | `"ALLOW_ANY"` | `"ALLOW_SOME \\| \\"x\\""` | `"REGISTRY_ONLY"` |',
    );
    expect(pull?.body).toContain('set spec.outboundTrafficPolicy.mode to "REGISTRY_ONLY"');
    expect(world.show('acme/bookinfo', branch, place)).toContain('mode: ALLOW_SOME | "x"');
  });

  it('finishes what was killed while it pushed, as one pull request', async () => {
    await generatedLongAgo();
    const before = world.github.pulls.length;
    world.faults.beforeNextPush = () => {
      world.kill();
    };
    const killed = await upgrade('--open');

    const finished = await upgrade('--open');

    expect(killed.code).not.toBe(0);
    expect(finished.code).toBe(0);
    expect(world.github.pulls.length).toBe(before + 1);
    expect(git(world.bareOf('acme/bookinfo'), 'rev-list', '--count', `main..${branch}`).trim()).toBe('1');
  });

  it('edits a checkout in place, builds as before, and takes another set at a tag', async () => {
    await generatedLongAgo();
    const checkout = world.checkoutOf('acme/bookinfo');
    git(checkout, 'fetch', '--quiet', 'origin');
    git(checkout, 'checkout', '--quiet', '-B', 'here', 'origin/main');
    const built = [...kustomizeBuild(join(checkout, lab)).keys()];

    const run = await upgrade('--dir', checkout);

    expect(run.code).toBe(0);
    expect([...kustomizeBuild(join(checkout, lab)).keys()]).toEqual(built);
    expect(await upgrade('--dir', checkout, '--check')).toMatchObject({ code: 0 });

    const platform = world.checkoutOf('acme/platform');
    const text =
      '{{!-- file: mesh-sidecar.yaml --}}\n' +
      readFileSync(new URL('../../templates/namespace/istio-sidecar.yaml.hbs', import.meta.url), 'utf8');
    mkdirSync(join(platform, 'set/namespace'), { recursive: true });
    writeFileSync(join(platform, 'set/namespace/istio-sidecar.yaml.hbs'), text);
    writeFileSync(
      join(platform, 'set/CHANGELOG.md'),
      '# Ours\n\n## 7.0.0\n\n- The Sidecar has our file name.\n',
    );
    git(platform, 'add', '--all');
    git(platform, 'commit', '--quiet', '--message', 'set');
    git(platform, 'tag', 'v7');
    git(platform, 'push', '--quiet', 'origin', 'v7');
    world.editFleet('\nforge:', '\ntemplates: {repository: acme/platform, ref: v7, path: set}\n\nforge:');

    const other = await upgrade('--dir', checkout);

    expect(other.code).toBe(0);
    expect(readFileSync(join(checkout, lab, 'mesh-sidecar.yaml'), 'utf8')).toContain('kind: Sidecar');
    expect(readFileSync(join(checkout, '.meshwright/bookinfo@lab.lock.yaml'), 'utf8')).toContain(
      'source: "acme/platform@v7"',
    );
    expect(await upgrade('--to', 'v8', '--check')).toMatchObject({ code: 2 });
  });
});

describe('the merge driver', () => {
  it('lets git merge and rebase YAML field by field, and stops it at a conflict', async () => {
    const checkout = world.checkoutOf('acme/bookinfo');
    const file = join(checkout, lab, 'kustomization.yaml');
    const start = readFileSync(file, 'utf8');
    const commit = (name: string, change: (text: string) => string) => {
      git(checkout, 'checkout', '--quiet', '-B', name, 'main');
      writeFileSync(file, change(start));
      git(checkout, 'commit', '--quiet', '--all', '--message', name);
    };
    const installed = await world.meshwright(['merge', '--install-driver'], {}, checkout);
    commit('one', (text) => text.replace('- namespace.yaml', '- namespace.yaml\n  - one.yaml # ours'));
    commit('two', (text) => text.replace('- namespace.yaml', '- namespace.yaml\n  - two.yaml'));
    commit('three', (text) => text.replace(/namespace: \w+/, 'namespace: three'));
    commit('four', (text) => text.replace(/namespace: \w+/, 'namespace: four'));

    expect(installed.code).toBe(0);
    git(checkout, 'checkout', '--quiet', 'one');
    git(checkout, 'merge', '--quiet', '--no-edit', 'two');
    expect(readFileSync(file, 'utf8')).toBe(
      start.replace('- namespace.yaml', '- namespace.yaml\n  - two.yaml\n  - one.yaml # ours'),
    );
    git(checkout, 'checkout', '--quiet', 'three');
    expect(() => git(checkout, 'merge', '--quiet', '--no-edit', 'four')).toThrow();
    expect(readFileSync(file, 'utf8')).toContain('namespace: three');
    expect(git(checkout, 'diff', '--name-only', '--diff-filter=U')).toContain('kustomization.yaml');
  });
});
