import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { istioMinors, validateResource } from '../schemas/validate.ts';
import { meshwright } from './harness/cli.ts';
import { kustomizeBuild, type Built } from './harness/kustomize.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-examples-'));
  cpSync(join(root, 'examples'), folder, { recursive: true });
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const targets = [
  // The rule for reviews lives in the base that dev builds too, so the overlay patches it.
  [
    'bookinfo@lab',
    'acme/bookinfo',
    'deploy/overlays/lab',
    ['istio-destinationrule-reviews-patch.yaml', 'kustomization.yaml'],
  ],
  ['online-boutique@lab', 'acme/apps', 'online-boutique/overlays/lab', []],
  ['payments@lab', 'acme/payments', 'deploy', ['app.yaml']],
] as const;

/** Kinds that the bundle adds or may change; all else must be built as before, but for the restart. */
const ofTheMesh = /^(?:VirtualService|Sidecar|AuthorizationPolicy|DestinationRule|ServiceEntry|Namespace)\//;

function withoutRestart(object: Built | undefined): string {
  return JSON.stringify(object, (key, value: unknown) => {
    if (key !== 'annotations' || typeof value !== 'object' || value === null) return value;
    const rest = Object.entries(value).filter(([name]) => name !== 'meshwright.dev/mesh-revision');
    return rest.length === 0 ? undefined : Object.fromEntries(rest);
  });
}

describe.each(targets)('%s', (target, repository, directory, more) => {
  const checkout = () => join(folder, 'repositories', repository);
  const apply = (...more: string[]) =>
    meshwright(['apply', target, '--dir', checkout(), ...more], { cwd: folder });
  const enforce = () => {
    const fleet = readFileSync(join(folder, 'fleet.yaml'), 'utf8');
    writeFileSync(join(folder, 'fleet.yaml'), fleet.replaceAll('joined', 'enforced'));
  };

  it('is built by kustomize before and after, and the difference is the bundle', () => {
    const before = kustomizeBuild(join(checkout(), directory));
    const run = apply();
    const after = kustomizeBuild(join(checkout(), directory));

    expect(run.code).toBe(0);
    for (const [id, object] of before) {
      expect([...after.keys()]).toContain(id);
      if (!ofTheMesh.test(id)) expect(withoutRestart(after.get(id))).toBe(withoutRestart(object));
    }
    const added = [...after.keys()].filter((id) => !before.has(id));
    expect(added.filter((id) => !ofTheMesh.test(id))).toEqual([]);
    expect(added).toContain('Sidecar/default');
    expect(added).toContain('AuthorizationPolicy/deny-all');
  });

  it('restarts every workload once, by its pod template', () => {
    apply();

    const workloads = [...kustomizeBuild(join(checkout(), directory)).values()].filter(
      ({ kind }) => kind === 'Deployment',
    );
    const revisions = workloads.map((workload) =>
      JSON.stringify(workload).includes('"meshwright.dev/mesh-revision":"stable"'),
    );

    expect(workloads.length).toBeGreaterThan(0);
    expect(revisions).not.toContain(false);
  });

  it('has Istio objects that the CRDs accept, at both stages', () => {
    for (const stage of ['joined', 'enforced']) {
      if (stage === 'enforced') enforce();
      expect(apply().code).toBe(0);
      for (const object of kustomizeBuild(join(checkout(), directory)).values())
        if (object.apiVersion.includes('istio.io'))
          for (const minor of istioMinors) expect(validateResource(object, minor)).toEqual([]);
    }
  });

  it('changes nothing the second time, and only a few lines from joined to enforced', () => {
    apply();
    const again = apply('--dry-run');
    enforce();
    const enforced = apply('--dry-run', '--json');
    const { results } = JSON.parse(enforced.stdout) as { results: { changes: { path: string }[] }[] };
    const owned = ['istio-authorizationpolicy.yaml', 'istio-destinationrule.yaml', 'istio-sidecar.yaml'];

    expect(again.code).toBe(0);
    expect(again.stdout).toContain('nothing to change');
    expect(enforced.code).toBe(1);
    expect(results[0]?.changes.map(({ path }) => path.split('/').at(-1)).sort()).toEqual(
      [...owned, ...more, `${target}.lock.yaml`].sort(),
    );
  });
});

it('keeps the bytes of a CRLF file without a final newline, sticky session and all', () => {
  const checkout = join(folder, 'repositories/acme/payments');
  const before = readFileSync(join(checkout, 'deploy/app.yaml'), 'utf8');
  writeFileSync(
    join(folder, 'fleet.yaml'),
    readFileSync(join(folder, 'fleet.yaml'), 'utf8').replaceAll('joined', 'enforced'),
  );

  const run = meshwright(['apply', 'payments@lab', '--dir', checkout], { cwd: folder });
  const after = readFileSync(join(checkout, 'deploy/app.yaml'), 'utf8');

  expect(run.code).toBe(0);
  expect(after).toBe(`${before}\r\n    tls:\r\n      mode: ISTIO_MUTUAL`);
});

it('renders a stream and a folder, and does not overwrite what differs', () => {
  const stream = meshwright(['render', 'bookinfo@lab', '--stdout'], { cwd: folder });
  const first = meshwright(['render', '--all', '--out', 'out'], { cwd: folder });
  const file = join(folder, 'out/bookinfo@lab/deploy/overlays/lab/istio-sidecar.yaml');
  writeFileSync(file, 'mine\n');
  const second = meshwright(['render', '--all', '--out', 'out'], { cwd: folder });

  expect(stream.stdout).toContain('kind: Sidecar');
  expect(first.code).toBe(0);
  expect(second.code).toBe(1);
  expect(second.stderr).toContain('error render-differs');
  expect(readFileSync(file, 'utf8')).toBe('mine\n');
});

it('lets a folder of own templates replace a built-in one, and refuses one that could break out', () => {
  const fleet = join(folder, 'fleet.yaml');
  writeFileSync(fleet, readFileSync(fleet, 'utf8').replace('\nforge:', '\ntemplates: mine\n\nforge:'));
  const template = readFileSync(join(root, 'templates/namespace/istio-sidecar.yaml.hbs'), 'utf8');
  const own = join(folder, 'mine/namespace/istio-sidecar.yaml.hbs');
  cpSync(join(root, 'templates/namespace/istio-sidecar.yaml.hbs'), own);
  writeFileSync(own, `# Ours.\n${template}`);
  const good = meshwright(['render', 'bookinfo@lab', '--stdout'], { cwd: folder });
  writeFileSync(own, template.replace('{{yaml namespace}}', '{{namespace}}'));
  const bad = meshwright(['render', 'bookinfo@lab', '--stdout'], { cwd: folder });

  expect(good.stdout).toContain('\n# Ours.\n');
  expect(bad.code).toBe(1);
  expect(bad.stderr).toContain('error template-unsafe-value at namespace/istio-sidecar.yaml.hbs:7:14');
});
