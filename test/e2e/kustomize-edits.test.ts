import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTree } from '../../src/kustomize/read-tree.ts';
import type { NamespaceSpec, Stage } from '../../src/model/fleet.ts';
import { objectAt, valueAt, type JsonObject, type JsonValue } from '../../src/model/json.ts';
import type { RepoPath } from '../../src/model/named.ts';
import { withChanges, type Snapshot } from '../../src/model/snapshot.ts';
import { deployment, k8sService, overlay, virtualService, withHost } from '../bundle/app.ts';
import { plan } from '../bundle/plan.ts';
import { repository } from '../fakes/repository.ts';
import { kustomizeBuild } from './harness/kustomize.ts';

const istio = (kind: string, group: string, name: string, metadata: string, body: string) =>
  `apiVersion: ${group}.istio.io/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n${metadata}spec:\n${body}`;

/** Objects that people wrote and that the product edits, each in every way it knows. */
const objects: Readonly<Record<string, string>> = {
  'namespace.yaml': `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
`,
  'deployment.yaml': deployment,
  'stateful.yaml': deployment.replace('kind: Deployment', 'kind: StatefulSet').replaceAll('catalog', 'queue'),
  'rollout.yaml': deployment
    .replace('apps/v1', 'argoproj.io/v1alpha1')
    .replace('kind: Deployment', 'kind: Rollout')
    .replaceAll('catalog', 'canary'),
  'service.yaml': k8sService,
  'release.yaml': `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: cache
spec:
  interval: 1m
  chart: {spec: {chart: redis, sourceRef: {kind: HelmRepository, name: charts}}}
`,
  'rule.yaml': istio(
    'DestinationRule',
    'networking',
    'catalog',
    '  labels: {team: web}\n',
    '  host: catalog\n  trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}\n',
  ),
  'policy.yaml': istio(
    'AuthorizationPolicy',
    'security',
    'deny-all',
    '  annotations:\n    istio.io/dry-run: "true"\n',
    '  {}\n',
  ),
  'sidecar.yaml': istio('Sidecar', 'networking', 'default', '', '  egress:\n  - hosts: ["./*"]\n'),
  'route.yaml': virtualService('  gateways: [edge/public]\n  hosts: [other.example.com]\n'),
};

/** kustomize follows no reference of Istio's, so under a prefix people write the host as it will be. */
const routedTo = (host: string) => ({
  'rule.yaml': objects['rule.yaml']?.replace('host: catalog', `host: ${host}`) ?? '',
  'route.yaml': objects['route.yaml']?.replace('host: catalog', `host: ${host}`) ?? '',
});
const other = 'deploy/overlays/dev';
const names = Object.keys(objects);
const below = (folder: string, texts: Readonly<Record<string, string>> = objects) =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${folder}/${name}`, text]));
const listing = (entries: readonly string[], more = '') =>
  `${more}resources:\n${entries.map((entry) => `- ${entry}\n`).join('')}`;
const placed = Object.fromEntries(
  Object.entries(objects).map(([name, text]) => [
    name,
    name === 'namespace.yaml' ? text : text.replace(/^ {2}name: .*\n/m, '$&  namespace: shop\n'),
  ]),
);
const base = { ...below('deploy/base'), 'deploy/base/kustomization.yaml': listing(names) };
const twoOverlays = (own: string) => ({
  ...base,
  [`${overlay}/kustomization.yaml`]: own,
  [`${other}/kustomization.yaml`]: listing(['../../base'], 'namespace: shop\n'),
});

/** Where repositories keep such objects; whatever else builds the base builds it as `dev`. */
const layouts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'one directory': {
    ...below(overlay),
    [`${overlay}/kustomization.yaml`]: listing(names, 'namespace: shop\n'),
  },
  'one directory that patches its own objects': {
    ...below(overlay),
    [`${overlay}/kustomization.yaml`]: `${listing(names, 'namespace: shop\n')}patches:
- patch: "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: a, istio-injection: enabled}}}"
- target: {kind: AuthorizationPolicy}
  patch: '[{"op": "add", "path": "/metadata/annotations/note", "value": "x"}]'
`,
  },
  'a base of two overlays': twoOverlays(listing(['../../base'], 'namespace: shop\n')),
  'a base whose objects name their namespace': {
    ...twoOverlays(listing(['../../base'])),
    ...below('deploy/base', placed),
  },
  'a base under a prefix': {
    ...twoOverlays(listing(['../../base'], 'namespace: shop\nnamePrefix: lab-\n')),
    ...below('deploy/base', routedTo('lab-catalog')),
  },
  'a base that has a namespace of its own': {
    ...twoOverlays(listing(['../../base'], 'namespace: shop\n')),
    'deploy/base/kustomization.yaml': listing(names, 'namespace: other\nnameSuffix: -x\n'),
    ...below('deploy/base', routedTo('catalog-x')),
  },
  'a base of a base': {
    ...twoOverlays(listing(['../../middle'], 'namespace: shop\n')),
    'deploy/middle/kustomization.yaml': listing(['../base'], 'commonLabels: {team: web}\n'),
    [`${other}/kustomization.yaml`]: listing(['../../middle'], 'namespace: shop\n'),
  },
  'a base with a component': {
    ...twoOverlays(`${listing(['../../base'], 'namespace: shop\n')}components: [../../labels]\n`),
    'deploy/labels/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
- target: {kind: Namespace}
  patch: '[{"op": "add", "path": "/metadata/labels/tier", "value": "front"}]'
- patch: "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio-injection: enabled}}}"
`,
  },
};

const wanted = (stage: Stage): NamespaceSpec =>
  withHost({
    stage,
    siblingDirectories: [other as RepoPath],
    previousGateways: 'drop',
    // Nobody reads what its HelmRelease brings.
    complete: { callers: 'its chart has no Service', calls: undefined },
    external: [{ host: 'api.example.com', ports: [{ number: 443, protocol: 'tls' }], addresses: [] }],
  });

function run(files: Snapshot, stage: Stage): Snapshot {
  const bundle = plan(wanted(stage), files);
  const errors = bundle.problems.filter(({ severity }) => severity === 'error');
  expect(errors).toEqual([]);
  return withChanges(files, bundle.changes);
}

type Objects = Readonly<Record<string, JsonObject>>;

function really(files: Snapshot, directory: string): Objects {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-edits-'));
  try {
    for (const [path, text] of files.files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return Object.fromEntries(kustomizeBuild(join(folder, directory))) as unknown as Objects;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function modelled(files: Snapshot, directory: string): Objects {
  const { value: tree } = readTree(files, directory as RepoPath);
  const objectsOf = tree?.manifests ?? [];
  return Object.fromEntries(objectsOf.map(({ kind, builtName, built }) => [`${kind}/${builtName}`, built]));
}

function one(built: Objects, kind: string, name: string): JsonObject {
  const found = Object.entries(built).find(([id]) => id.startsWith(`${kind}/`) && id.includes(name));
  return found?.[1] ?? {};
}

/** What the stages promise of the objects above, as the real kustomize builds them. */
function promises(built: Objects) {
  const labels = objectAt(one(built, 'Namespace', ''), 'metadata', 'labels');
  return {
    rev: labels['istio.io/rev'],
    legacy: labels['istio-injection'],
    tls: valueAt(one(built, 'DestinationRule', 'catalog'), 'spec', 'trafficPolicy', 'tls', 'mode'),
    dryRun: valueAt(
      one(built, 'AuthorizationPolicy', 'deny-all'),
      'metadata',
      'annotations',
      'istio.io/dry-run',
    ),
    outbound: valueAt(one(built, 'Sidecar', 'default'), 'spec', 'outboundTrafficPolicy', 'mode'),
    gateways: valueAt(one(built, 'VirtualService', 'storefront'), 'spec', 'gateways'),
    restarted: valueAt(
      one(built, 'StatefulSet', 'queue'),
      'spec',
      'template',
      'metadata',
      'annotations',
      'meshwright.dev/mesh-revision',
    ),
  };
}

const isIn = {
  rev: 'stable',
  legacy: undefined,
  gateways: ['istio-system/istio-shared-gateway'],
  restarted: 'stable',
};
const promised: Readonly<Record<Stage, Readonly<Record<string, JsonValue | undefined>>>> = {
  joined: { ...isIn, tls: undefined },
  enforced: { ...isIn, tls: 'ISTIO_MUTUAL', dryRun: undefined, outbound: 'REGISTRY_ONLY' },
  outside: { rev: undefined, legacy: undefined, tls: undefined, restarted: 'none' },
};

describe.each(Object.entries(layouts))('what the product edits in %s', (_, files) => {
  it.each([
    ['joined', 'enforced', 'joined'],
    ['joined', 'outside', 'enforced'],
    ['enforced', 'outside', 'joined'],
  ] as const)('is what kustomize builds: %s, then %s, then %s', (...stages: readonly Stage[]) => {
    let now = repository(files);
    const dev = `${other}/kustomization.yaml` in files ? really(now, other) : undefined;
    for (const stage of stages) {
      now = run(now, stage);

      const built = really(now, overlay);
      expect(modelled(now, overlay)).toEqual(built);
      expect(promises(built)).toMatchObject(promised[stage]);
    }
    if (dev !== undefined) expect(really(now, other)).toEqual(dev);
  });
});

/** What earlier versions wrote: a target beside the patch, in the kustomization and so in the lock. */
function withTargets(files: Snapshot): Snapshot {
  const change = (path: string, change: (text: string) => string) => {
    const before = files.files.get(path as RepoPath) ?? '';
    return { path: path as RepoPath, before, after: change(before) };
  };
  const target = (text: string) =>
    text.replaceAll(
      /^( *)(- )?path: istio-([a-z]+)-([a-z-]+)-patch\.yaml$/gm,
      (line, indent: string, dash: string | undefined, kind: string, name: string) => {
        const at = dash === undefined ? indent : `${indent}  `;
        return `${line}\n${at}target: {kind: ${kinds[kind] ?? ''}, name: ${name}}`;
      },
    );
  return withChanges(files, [
    change(`${overlay}/kustomization.yaml`, target),
    change('.meshwright/shop@lab.lock.yaml', target),
  ]);
}

const kinds: Readonly<Record<string, string>> = {
  namespace: 'Namespace',
  destinationrule: 'DestinationRule',
  authorizationpolicy: 'AuthorizationPolicy',
  sidecar: 'Sidecar',
  virtualservice: 'VirtualService',
  helmrelease: 'HelmRelease',
  rollout: 'Rollout',
};

it('a patch that an earlier version gave a target loses it, and the label goes at last', () => {
  const files = layouts['a base of two overlays'] ?? {};
  const old = withTargets(run(repository(files), 'enforced'));
  expect(promises(really(old, overlay))).toMatchObject({ legacy: 'null', dryRun: 'null' });
  expect(modelled(old, overlay)).toEqual(really(old, overlay));

  const now = run(old, 'enforced');

  expect(promises(really(now, overlay))).toMatchObject(promised.enforced);
  expect(now.files.get(`${overlay}/kustomization.yaml` as RepoPath)).not.toContain('kind: Namespace');
});
