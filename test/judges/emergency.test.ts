import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labAt } from '../commands/mesh-world.ts';
import { ApiServer, versions, type Resource } from './harness/api-server.ts';
import { builtAt } from './harness/bundles.ts';

const kubectl = fileURLToPath(
  new URL(`../../.cache/judges/kubectl-${versions.kubernetes}/kubectl`, import.meta.url),
);
const server = new ApiServer();
const folder = mkdtempSync(join(tmpdir(), 'meshwright-emergency-'));

beforeAll(async () => {
  await server.start('1.31');
  for (const name of ['payments', 'bookinfo', 'istio-system']) await server.createNamespace(name);
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Flux marks what it applies; the script asks for these marks. */
function byFlux(object: Resource): Resource {
  const metadata = object.metadata as Resource['metadata'] & { readonly labels?: object };
  const labels = {
    ...metadata.labels,
    'kustomize.toolkit.fluxcd.io/name': 'payments',
    'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
  };
  return { ...object, metadata: { ...metadata, labels } } as Resource;
}

/** Runs the script with kubectl on the real server. There is no Flux here; what it is told is written down. */
function run(script: string): string {
  const flux = join(folder, 'flux');
  const told = join(folder, 'told');
  writeFileSync(flux, `#!/bin/sh\necho "$@" >> '${told}'\n`);
  chmodSync(flux, 0o755);
  execFileSync('sh', [], {
    input: script,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: `${folder}:${dirname(kubectl)}:${process.env.PATH ?? ''}`,
      KUBECONFIG: server.kubeconfig(),
      HOME: folder,
    },
  });
  return existsSync(told) ? readFileSync(told, 'utf8') : '';
}

const foreign = { 'acme.example/team': 'x', 'acme.example/note': 'y' };

/** The same with labels and annotations of others, which they put there on the cluster. */
function withForeign(object: Resource): Resource {
  const { metadata, spec } = object as unknown as Workload;
  const add = (to: Metadata | undefined) => ({
    ...to,
    labels: { ...to?.labels, ...foreign },
    annotations: { ...to?.annotations, ...foreign },
  });
  const template = spec?.template;
  return {
    ...object,
    metadata: add(metadata),
    ...(template !== undefined && {
      spec: { ...spec, template: { ...template, metadata: add(template.metadata) } },
    }),
  } as unknown as Resource;
}

interface Metadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Workload {
  readonly metadata: Metadata;
  readonly spec?: { readonly template?: { readonly metadata?: Metadata } };
}

/** Every map of labels and annotations of an object on the server. */
async function keptOf(object: Resource): Promise<readonly (Metadata['labels'] | undefined)[]> {
  const { body } = await server.read(object);
  const { metadata, spec } = body as unknown as Workload;
  const template = spec?.template?.metadata;
  return [
    ...[metadata.labels, metadata.annotations],
    ...(template === undefined ? [] : [template.labels, template.annotations]),
  ];
}

/** What of an object people declare. */
async function declaredOf(object: Resource): Promise<unknown> {
  const { body } = await server.read(object);
  const annotations = (body.metadata as { readonly annotations?: object } | undefined)?.annotations;
  return JSON.parse(JSON.stringify([body.spec, annotations]));
}

it('the emergency commands make of what is enforced what is joined, with Flux held off once', async () => {
  const world = await labAt('enforced');
  const isChecked = ({ kind, apiVersion }: Resource) =>
    apiVersion.includes('istio.io/') && kind !== 'ServiceEntry';
  const joined = builtAt('joined', 'payments@lab').filter(isChecked);
  for (const object of joined) await server.apply(byFlux(object), false);
  const wanted = await Promise.all(joined.map(declaredOf));
  for (const object of builtAt('enforced', 'payments@lab')) {
    const { status, body } = await server.apply(byFlux(object), false);
    expect([object.kind, status < 300 ? '' : body.message]).toEqual([object.kind, '']);
  }
  const changed = await Promise.all(joined.map(declaredOf));
  expect(changed).not.toEqual(wanted);

  const { text } = await world.run('rollback', ['payments@lab'], { level: '1', dryRun: true });
  const told = run(text);

  expect(await Promise.all(joined.map(declaredOf))).toEqual(wanted);
  expect(told).toBe('suspend kustomization --namespace flux-system -- payments\n');
});

it.each([
  ['payments@lab', '1'],
  ['bookinfo@lab', '2'],
])('a rollback of %s to level %s takes no label and no annotation of others away', async (target, level) => {
  const world = await labAt('enforced');
  const objects = builtAt('enforced', target);
  for (const object of objects) {
    const { status, body } = await server.apply(byFlux(withForeign(object)), false);
    expect([object.kind, status < 300 ? '' : body.message]).toEqual([object.kind, '']);
  }

  const { text, problems } = await world.run('rollback', [target], { level, dryRun: true });
  run(text);

  expect(problems.filter(({ rule }) => rule === 'emergency-name')).toEqual([]);
  const gone = level === '2' ? ['istio.io/rev'] : ['istio.io/dry-run'];
  expect(text).toContain(gone[0]);
  for (const object of objects) for (const map of await keptOf(object)) expect(map).toMatchObject(foreign);
  const namespace = objects.find(({ kind }) => kind === 'Namespace');
  if (level === '2' && namespace !== undefined) {
    const [labels] = await keptOf(namespace);
    expect(labels).not.toHaveProperty(['istio.io/rev']);
    expect(labels).toMatchObject({ 'kustomize.toolkit.fluxcd.io/name': 'payments' });
  }
});
