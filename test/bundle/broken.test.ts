import { describe, expect, it } from 'vitest';
import type { NamespaceSpec } from '../../src/model/fleet.ts';
import type { RepoPath, RepositoryId } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';
import { service, spec } from '../fakes/spec.ts';
import {
  app,
  deployment,
  k8sService,
  kustomization,
  namespace,
  overlay,
  virtualService,
  withHost,
} from './app.ts';
import { plan } from './plan.ts';

interface Case {
  readonly files: Readonly<Record<string, string>>;
  readonly wanted?: NamespaceSpec;
  readonly links?: readonly string[];
}

const own = (file: string) => `${overlay}/${file}`;
const withKustomization = (text: string, more: Readonly<Record<string, string>> = {}): Case => ({
  files: { ...app(), [own('kustomization.yaml')]: text, ...more },
});
const all = kustomization('namespace.yaml', 'app.yaml', 'service.yaml');
const peer = (mode: string) =>
  `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: default}\nspec:\n  mtls:\n    mode: ${mode}\n`;
const sidecar = (name: string) =>
  `apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: ${name}}\nspec: {}\n`;

const crds = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.acme.example
`;

/** Repositories that cannot be moved as they are; each must be told where and why, and nothing be changed. */
const cases: Readonly<Record<string, Case>> = {
  'a directory that is not there': { files: { README: 'x\n' } },
  'a resource that is not there': withKustomization(kustomization('namespace.yaml', 'missing.yaml')),
  'a resource outside of the repository': withKustomization(
    kustomization('namespace.yaml', '../../../../secrets.yaml'),
  ),
  'a resource listed twice': withKustomization(kustomization('namespace.yaml', 'app.yaml', 'app.yaml')),
  'a resource that is no path': withKustomization('resources:\n- {a: b}\n'),
  'a resource that is a link': {
    files: withKustomization(all.replace('app.yaml', 'link.yaml')).files,
    links: [own('link.yaml')],
  },
  'kustomizations that include each other': withKustomization(`${all}- ../dev\n`, {
    'deploy/overlays/dev/kustomization.yaml': 'resources: [../lab]\n',
  }),
  'two kustomization files': withKustomization(all, { [own('kustomization.yml')]: all }),
  'a component as the target': withKustomization(`kind: Component\n${all.replace(/^.*\nkind.*\n/, '')}`),
  'a kustomization that is no YAML': withKustomization('resources: [a.yaml\n'),
  'a kustomization with a key twice': withKustomization(`${all}namespace: shop\n`),
  'a manifest that is no YAML': withKustomization(all, {
    [own('app.yaml')]: 'kind: Deployment\n  metadata:\n',
  }),
  'a manifest with a tab': withKustomization(all, {
    [own('app.yaml')]: 'kind: Deployment\nmetadata:\n\tname: x\n',
  }),
  'a manifest with an unclosed quote': withKustomization(all, {
    [own('app.yaml')]: 'kind: "Deployment\nmetadata: {}\n',
  }),
  'an alias bomb': withKustomization(all, {
    [own('app.yaml')]: `a: &a [x,x,x,x,x,x,x,x]\n${Array.from(
      'bcdefgh',
      (name, index) =>
        `${name}: &${name} [${Array(8)
          .fill(`*${'abcdefg'[index] ?? ''}`)
          .join(',')}]`,
    ).join('\n')}\n`,
  }),
  'a patch that is not there': withKustomization(`${all}patches:\n- path: p.yaml\n`),
  'an inline patch that is no YAML': withKustomization(`${all}patches:\n- patch: "a: [b"\n`),
  'a host that takes all': {
    files: app({ 'vs.yaml': virtualService('  gateways: [edge/a]\n  hosts:\n  - "*"\n') }),
    wanted: withHost(),
  },
  'a namespace of the mesh under another name': {
    files: {
      ...app(),
      [own('kustomization.yaml')]: all.replace('namespace: shop', 'namespace: istio-system'),
      [own('app.yaml')]: crds,
      [own('service.yaml')]: crds.replaceAll('things', 'others'),
    },
  },
  'a Namespace manifest of the mesh in its place': {
    files: {
      ...app(),
      [own('kustomization.yaml')]: all.replace('namespace: shop\n', ''),
      [own('namespace.yaml')]: namespace.replace('name: shop', 'name: kube-system'),
    },
    wanted: spec({ namespaceManifest: { kind: 'external' } }),
  },
  'a route in another namespace': {
    files: { ...app(), [own('kustomization.yaml')]: all.replace('namespace: shop', 'namespace: store') },
  },
  'STRICT before the sidecars': { files: app({ 'pa.yaml': peer('STRICT') }), wanted: withHost() },
  'mTLS turned off, at enforced': {
    files: app({ 'pa.yaml': peer('DISABLE') }),
    wanted: withHost({ stage: 'enforced' }),
  },
  'two Sidecars for all workloads': { files: app({ 'a.yaml': sidecar('a'), 'b.yaml': sidecar('b') }) },
  'a policy whose name is taken': {
    files: app({
      'p.yaml':
        'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: deny-all}\nspec: {action: CUSTOM, provider: {name: ext}}\n',
    }),
  },
  'a rule whose name is taken': {
    files: app({
      'd.yaml':
        'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: catalog}\nspec: {host: other}\n',
    }),
    wanted: withHost(),
  },
  'an ambient namespace': {
    files: {
      ...app(),
      [own('namespace.yaml')]: `${namespace}  labels: {istio.io/dataplane-mode: ambient}\n`,
    },
  },
  'no Namespace manifest': {
    files: { ...app(), [own('kustomization.yaml')]: kustomization('app.yaml', 'service.yaml') },
  },
  'two Namespace manifests': {
    files: app(),
    wanted: spec({
      namespaceManifest: {
        kind: 'file',
        repository: 'acme/platform' as RepositoryId,
        path: 'ns.yaml' as RepoPath,
      },
    }),
  },
  'a Namespace manifest that is not where it should be': {
    files: { ...app(), [own('kustomization.yaml')]: kustomization('app.yaml') },
    wanted: spec({
      namespaceManifest: {
        kind: 'file',
        repository: 'acme/shop' as RepositoryId,
        path: 'ns.yaml' as RepoPath,
      },
    }),
  },
  'an encrypted Namespace manifest': {
    files: {
      ...app(),
      'ns.yaml': `${namespace}sops: {version: 3.9.0}\n`,
      [own('kustomization.yaml')]: kustomization('app.yaml'),
    },
    wanted: spec({
      namespaceManifest: {
        kind: 'file',
        repository: 'acme/shop' as RepositoryId,
        path: 'ns.yaml' as RepoPath,
      },
    }),
  },
  'labels behind an alias': {
    files: {
      ...app(),
      [own('namespace.yaml')]:
        'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  annotations: &shared {a: b}\n  labels: *shared\n',
    },
  },
  'another service account than declared': {
    files: app(),
    wanted: spec({ services: [service({ serviceAccount: 'other' })] }),
  },
  'another port than declared': {
    files: app(),
    wanted: spec({
      services: [service({ ports: [{ number: 80, protocol: 'http', targetPort: undefined }] })],
    }),
  },
  'a file in the way': { files: { ...app(), [own('istio-sidecar.yaml')]: 'a: 1\n' } },
  'a link in the way': { files: app(), links: [own('istio-sidecar.yaml')] },
  'a kustomization that another environment builds': {
    files: { ...app(), 'deploy/overlays/dev/kustomization.yaml': 'resources: [../lab]\n' },
    wanted: spec({ siblingDirectories: ['deploy/overlays/dev' as RepoPath] }),
  },
  'a base of others without an overlay to patch it': {
    files: {
      [own('app.yaml')]: deployment,
      [own('service.yaml')]: k8sService,
      [own('namespace.yaml')]: namespace,
      'dev/kustomization.yaml': 'resources: [../deploy/overlays/lab/namespace.yaml]\n',
    },
    wanted: spec({ siblingDirectories: ['dev' as RepoPath] }),
  },
  'a patch that takes the change back': {
    files: {
      ...app({ 'vs.yaml': virtualService('  gateways: [edge/a]\n  hosts: [shop.lab.example.com]\n') }),
      [own('kustomization.yaml')]:
        `${kustomization('namespace.yaml', 'app.yaml', 'service.yaml', 'vs.yaml')}patchesJson6902:
- target: {kind: VirtualService, name: storefront}
  patch: '[{"op": "replace", "path": "/spec/gateways", "value": ["edge/a"]}]'
`,
    },
    wanted: withHost(),
  },
};

describe('a repository with', () => {
  it.each(Object.entries(cases))('%s', async (name, { files, wanted = spec(), links = [] }) => {
    const { changes, problems } = plan(wanted, repository(files, links));
    const errors = problems.filter(({ severity }) => severity === 'error');
    const said = errors.map(
      ({ rule, file, line, column, message, fix }) =>
        `error ${rule} at ${[file, line, column].filter((part) => part !== undefined).join(':')}\n  ${message}\n  fix  ${String(fix)}\n`,
    );

    expect(changes).toEqual([]);
    expect(errors).not.toEqual([]);
    const golden = new URL(`./broken/${name.replace(/[^A-Za-z]+/g, '-')}.expected`, import.meta.url).pathname;
    await expect(said.join('\n')).toMatchFileSnapshot(golden);
  });
});
