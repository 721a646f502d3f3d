import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printLock } from '../../src/bundle/lock.ts';
import { readTree } from '../../src/kustomize/read-tree.ts';
import type { RepoPath, TargetId } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';
import { brokenTrees } from '../kustomize/broken-trees.ts';
import { randomTree, type Tree } from '../kustomize/random-trees.ts';
import { runs } from '../sampling.ts';
import { kustomizeBuild } from './harness/kustomize.ts';

const deployment = (name: string, more = '') => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      serviceAccountName: ${name}
      containers: [{name: ${name}, image: "${name}:1", env: [{name: A, value: "1"}]}]
${more}`;
const service = (name: string) =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {selector: {app: ${name}}, ports: [{port: 80}]}\n`;
const account = (name: string) => `apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: ${name}}\n`;
const route = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: other}
spec: {hosts: [web.example.com], gateways: [edge/a, edge/b], http: [{route: [{destination: {host: web}}]}]}
`;
const base = {
  'base/kustomization.yaml': 'resources: [app.yaml]\n',
  'base/app.yaml': [deployment('web'), service('web'), account('web'), route].join('---\n'),
};

const labelled = {
  'top/a.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {x: z, team: web}, annotations: {a: b}}\n',
};

/** Trees as real repositories have them; `top` is what is built. */
const trees: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a base': { ...base, 'top/kustomization.yaml': 'resources: [../base]\n' },
  'the names a kustomization may have': {
    'top/kustomization.yml': 'resources: [sub]\n',
    'top/sub/Kustomization': 'resources: [a.yml]\n',
    'top/sub/a.yml': service('a'),
  },
  'namespace, prefix and suffix': {
    ...base,
    'top/kustomization.yaml': 'namespace: shop\nnamePrefix: lab-\nnameSuffix: -x\nresources: [../base]\n',
  },
  'prefixes on two levels': {
    ...base,
    'mid/kustomization.yaml': 'namePrefix: a-\nresources: [../base]\n',
    'top/kustomization.yaml': 'namePrefix: b-\nnamespace: nn\nresources: [../mid]\n',
  },
  'a Namespace under namespace:': {
    'top/kustomization.yaml': 'namespace: shop\nnamePrefix: p-\nresources: [n.yaml]\n',
    'top/n.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
  },
  commonLabels: { ...base, 'top/kustomization.yaml': 'commonLabels: {team: web}\nresources: [../base]\n' },
  labels: { ...base, 'top/kustomization.yaml': 'labels: [{pairs: {team: web}}]\nresources: [../base]\n' },
  'labels with selectors': {
    ...base,
    'top/kustomization.yaml':
      'labels: [{pairs: {team: web}, includeSelectors: true}]\nresources: [../base]\n',
  },
  'labels with templates': {
    ...base,
    'top/kustomization.yaml':
      'labels: [{pairs: {team: web}, includeTemplates: true}]\nresources: [../base]\n',
  },
  'a merge patch in a file': {
    ...base,
    'top/kustomization.yaml':
      'resources: [../base]\npatches: [{path: p.yaml, target: {kind: VirtualService, name: web}}]\n',
    'top/p.yaml':
      'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web}\nspec: {gateways: [edge/c], hosts: [x.example.com]}\n',
  },
  'a merge patch of containers': {
    ...base,
    'top/kustomization.yaml': `resources: [../base]
patches:
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec: {replicas: 2, template: {spec: {serviceAccountName: other, containers: [{name: web, image: "web:2"}]}}}
`,
  },
  'one patch over many kinds': {
    'top/kustomization.yaml':
      'resources: [a.yaml]\npatches: [{path: p.yaml, target: {kind: Deployment|StatefulSet}}]\n',
    'top/a.yaml': `${deployment('a')}---\n${deployment('b').replace('kind: Deployment', 'kind: StatefulSet')}`,
    'top/p.yaml':
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: any}\nspec: {template: {metadata: {annotations: {x: "1"}}}}\n',
  },
  'a patch by the original name under a prefix': {
    ...base,
    'mid/kustomization.yaml': 'namePrefix: a-\nresources: [../base]\n',
    'top/kustomization.yaml':
      'resources: [../mid]\npatches: [{target: {kind: Service, name: web}, patch: "- {op: add, path: /metadata/labels, value: {x: z}}"}]\n',
  },
  'a JSON patch': {
    ...base,
    'top/kustomization.yaml': `resources: [../base]
patches:
- target: {group: networking.istio.io, kind: VirtualService}
  patch: |-
    - {op: add, path: /spec/gateways/-, value: mesh}
    - {op: remove, path: /spec/gateways/0}
    - {op: replace, path: /spec/hosts, value: [y.example.com]}
`,
  },
  'patchesStrategicMerge and patchesJson6902': {
    ...base,
    'top/kustomization.yaml': `resources: [../base]
patchesStrategicMerge:
- |-
  apiVersion: v1
  kind: Service
  metadata: {name: web}
  spec: {type: NodePort}
patchesJson6902:
- target: {version: v1, kind: Service, name: web}
  patch: '[{"op": "add", "path": "/spec/externalName", "value": "x"}]'
`,
  },
  'a deleted object': {
    ...base,
    'top/kustomization.yaml':
      'resources: [../base]\npatches: [{patch: "{apiVersion: v1, kind: Service, metadata: {name: web}, $patch: delete}"}]\n',
  },
  'a null in a patch': {
    ...base,
    'top/kustomization.yaml':
      'resources: [../base]\npatches: [{target: {kind: VirtualService}, patch: "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: web}, spec: {gateways: null}}"}]\n',
  },
  'a null label in a patch with a target, which becomes a word': {
    ...labelled,
    'top/kustomization.yaml':
      'resources: [a.yaml]\npatches: [{target: {kind: ConfigMap}, patch: "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {x: null, n: 1}, annotations: {a: null}}}"}]\n',
  },
  'a null label in a patch without a target, which goes': {
    ...labelled,
    'top/kustomization.yaml':
      'resources: [a.yaml]\npatches: [{patch: "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {x: null, absent: null}, annotations: {a: null}}}"}]\n',
  },
  'labels that are null or empty in a patch with a target, which stay': {
    ...labelled,
    'top/kustomization.yaml':
      'resources: [a.yaml]\npatches: [{target: {name: a}, patch: "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: null, annotations: {}}}"}]\n',
  },
  'labels that are null in patchesStrategicMerge, which stay': {
    ...labelled,
    'top/kustomization.yaml':
      'resources: [a.yaml]\npatchesStrategicMerge: ["{apiVersion: v1, kind: ConfigMap,\\n metadata: {name: a, labels: null, annotations: null}}"]\n',
  },
  'a null label in patchesStrategicMerge, which becomes a word': {
    ...labelled,
    'top/kustomization.yaml':
      'resources: [a.yaml]\npatchesStrategicMerge: ["{apiVersion: v1, kind: ConfigMap,\\n metadata: {name: a, labels: {x: null}}}"]\n',
  },
  'labels that are null in a patch without a target, which go': {
    ...labelled,
    'top/kustomization.yaml':
      'resources: [a.yaml]\npatches: [{patch: "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: null, annotations: null}}"}]\n',
  },
  'a target whose kind nobody wrote': {
    ...base,
    'top/kustomization.yaml':
      'resources: [../base]\npatches: [{target: {kind: , name: web}, patch: \'[{"op": "add", "path": "/metadata/annotations/x", "value": "z"}]\'}]\n',
  },
  'a null label in a component, with a target and without': {
    ...labelled,
    'mesh/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
- {target: {kind: ConfigMap}, patch: "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {x: null}}}"}
- patch: "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {a: null}}}"
`,
    'top/kustomization.yaml': 'resources: [a.yaml]\ncomponents: [../mesh]\n',
  },
  'nulls in a pod template, with a target and without': {
    ...base,
    'top/kustomization.yaml': `resources: [../base]
patches:
- target: {kind: Deployment}
  patch: "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {metadata: {labels: {app: null}}}}}"
- patch: "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {serviceAccountName: null}}}}"
`,
  },
  'a JSON patch of annotations that are not there': {
    ...base,
    'top/kustomization.yaml': `resources: [../base]
patches:
- target: {kind: Service}
  patch: |-
    - {op: add, path: /metadata/annotations/istio.io~1dry-run, value: "true"}
- target: {kind: ServiceAccount}
  patch: '[{"op": "remove", "path": "/metadata/annotations"}]'
`,
  },
  'a patch that names the namespace its object was written with': {
    ...base,
    'mid/kustomization.yaml': 'namespace: shop\nnamePrefix: a-\nresources: [../base]\n',
    'top/kustomization.yaml': `resources: [../mid]
patches:
- patch: "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: web, namespace: other}, spec: {hosts: [a]}}"
- patch: "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: NodePort}}"
- patch: "{apiVersion: v1, kind: ServiceAccount, metadata: {name: a-web, namespace: shop, labels: {x: z}}}"
`,
  },
  'a target by the namespace as written, and as built': {
    ...base,
    'mid/kustomization.yaml': 'namespace: shop\nresources: [../base]\n',
    'top/kustomization.yaml': `resources: [../mid]
patches:
- {target: {kind: VirtualService, namespace: other}, patch: '[{"op": "add", "path": "/spec/exportTo", "value": ["."]}]'}
- {target: {kind: Service, namespace: shop}, patch: '[{"op": "add", "path": "/spec/type", "value": "NodePort"}]'}
- {target: {kind: ServiceAccount, namespace: default}, patch: '[{"op": "add", "path": "/metadata/labels", "value": {"x": "z"}}]'}
`,
  },
  'commonLabels beside a Rollout, whose pods kustomize leaves alone': {
    'top/kustomization.yaml': 'commonLabels: {team: web}\nnamePrefix: p-\nresources: [a.yaml]\n',
    'top/a.yaml': `${deployment('a').replace('apps/v1', 'argoproj.io/v1alpha1').replace('kind: Deployment', 'kind: Rollout')}---\n${account('a')}`,
  },
  'a component': {
    ...base,
    'mesh/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [extra.yaml]\npatches: [{target: {kind: Service}, patch: "- {op: add, path: /spec/type, value: NodePort}"}]\n',
    'mesh/extra.yaml': account('extra'),
    'top/kustomization.yaml': 'namespace: nn\nresources: [../base]\ncomponents: [../mesh]\n',
  },
  'labels and annotations selectors of a patch': {
    'top/kustomization.yaml':
      'resources: [a.yaml]\npatches: [{target: {labelSelector: "tier=front"}, patch: "- {op: add, path: /metadata/annotations, value: {x: z}}"}]\n',
    'top/a.yaml': `${service('a').replace('{name: a}', '{name: a, labels: {tier: front}}')}---\n${service('b')}`,
  },
  'a List': {
    'top/kustomization.yaml': 'resources: [l.yaml]\n',
    'top/l.yaml': `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n`,
  },
  'a lock among the resources, which is for tools only': {
    'top/kustomization.yaml': 'resources: [a.yaml, shop@lab.lock.yaml]\n',
    'top/a.yaml': service('a'),
    'top/shop@lab.lock.yaml': printLock({ target: 'shop@lab' as TargetId, directories: [] }),
  },
  'CRLF, anchors and merge keys': {
    'top/kustomization.yaml': 'resources:\r\n- a.yaml\r\n',
    'top/a.yaml':
      'apiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: a, labels: &l {x: y}}\r\ndata:\r\n  <<: *l\r\n  z: "1"\r\n',
  },
};

describe('what is read of a kustomize tree is what kustomize builds:', () => {
  it.each(Object.entries(trees))('%s', (_, files) => {
    const built = withFiles(files, (folder) => kustomizeBuild(join(folder, 'top')));
    const { value: tree } = readTree(repository(files), 'top' as RepoPath);

    expect(tree?.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    const read = new Map(
      tree?.manifests.map((manifest) => [`${manifest.kind}/${manifest.builtName}`, manifest.built]),
    );
    expect(Object.fromEntries(read)).toEqual(Object.fromEntries(built));
  });
});

it.each(Object.entries(brokenTrees))('kustomize refuses %s', (_, { files }) => {
  expect(() => withFiles(files, (folder) => kustomizeBuild(join(folder, 'top')))).toThrow();
});

it('refuses what kustomize refuses of trees that are broken at random', () => {
  for (const files of fc.sample(randomTree, { numRuns: runs(200, 25) })) {
    const { value } = readTree(repository(files), 'top' as RepoPath);
    const about = value?.problems.map(({ rule, severity }) => `${severity} ${rule}`) ?? [];
    const isSaid = about.some((each) => each.startsWith('error') || each.endsWith('kustomize-tolerated'));
    if (isSaid) continue;

    expect(
      () => withFiles(files, (folder) => kustomizeBuild(join(folder, 'top'))),
      JSON.stringify(files),
    ).not.toThrow();
  }
});

/** The files on the disk, while `look` looks at them. */
function withFiles<T>(files: Tree, look: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-kustomize-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return look(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
