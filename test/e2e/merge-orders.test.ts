import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { meshwright } from './harness/cli.ts';
import { git } from './harness/world.ts';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'meshwright-orders-'));
const checkout = join(folder, 'shop');
const apps = ['cart', 'catalog', 'search'];
const targets = [...apps.map((name) => `${name}@lab`), 'cluster/lab-1'];

/** One repository with three applications and a cluster. */
beforeAll(() => {
  mkdirSync(checkout, { recursive: true });
  cpSync(join(examples, 'repositories/acme/platform/clusters/lab-eu-1'), join(checkout, 'clusters/lab-1'), {
    recursive: true,
  });
  for (const name of apps) write(`apps/${name}/kustomization.yaml`, 'resources:\n- app.yaml\n');
  for (const name of apps) write(`apps/${name}/app.yaml`, appOf(name));
  write('apps/kustomization.yaml', `resources:\n${apps.map((name) => `- ${name}\n`).join('')}`);
  writeFileSync(join(folder, 'fleet.yaml'), fleetText());
  git(checkout, 'init', '--quiet', '--initial-branch=main');
  git(checkout, 'add', '--all');
  git(checkout, 'commit', '--quiet', '--message', 'as it is');
  for (const target of targets) {
    git(checkout, 'checkout', '--quiet', '-B', branchOf(target), 'main');
    const { code, stderr } = meshwright(['apply', target, '--dir', checkout], { cwd: folder });
    if (code !== 0) throw new Error(stderr);
    git(checkout, 'add', '--all');
    git(checkout, 'commit', '--quiet', '--message', target);
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(checkout, path)), { recursive: true });
  writeFileSync(join(checkout, path), text);
}

const branchOf = (target: string) => `try-${target.replace(/[@/]/g, '-')}`;

function appOf(name: string): string {
  return `apiVersion: v1
kind: Namespace
metadata: {name: ${name}}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${name}}
spec:
  selector: {app: ${name}}
  ports: [{name: http, port: 8080}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: ${name}, image: ${name}}]}
`;
}

function fleetText(): string {
  const text = readFileSync(join(examples, 'fleet.yaml'), 'utf8');
  const head = text
    .slice(0, text.indexOf('environments:'))
    .replaceAll('acme/platform', 'acme/shop')
    .replace('reviewers: [acme/shop]', '');
  const namespaces = apps.map(
    (name) =>
      `  - {name: ${name}, repository: acme/shop, path: apps/${name}, stage: joined, services: [{name: ${name}, ports: [8080], hosts: ["${name}.{domain}"]}]}\n`,
  );
  return `${head}environments:
  - name: lab
    domain: lab.acme.example
    clusters:
      - name: lab-1
        loadBalancer: {certificateArn: "arn:aws:acm:eu-west-1:111122223333:certificate/0a"}
namespaces:
${namespaces.join('')}`;
}

function* orders<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length === 0) yield [];
  for (const [index, first] of items.entries())
    for (const rest of orders(items.filter((_, other) => other !== index))) yield [first, ...rest];
}

it('pull requests of one repository merge in any order, to the same tree, after which nothing is left to do', () => {
  const trees = new Set<string>();
  let count = 0;
  for (const order of orders(targets)) {
    git(checkout, 'checkout', '--quiet', '-B', 'merged', 'main');
    for (const target of order) git(checkout, 'merge', '--quiet', '--no-edit', branchOf(target));
    trees.add(git(checkout, 'rev-parse', 'HEAD^{tree}'));
    count++;
  }
  const again = meshwright(['apply', ...targets, '--dir', checkout, '--dry-run'], { cwd: folder });

  expect(count).toBe(24);
  expect(trees.size).toBe(1);
  expect([again.code, again.stderr]).toEqual([0, '']);
});
