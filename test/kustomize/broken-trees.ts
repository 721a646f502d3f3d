import type { Tree } from './random-trees.ts';

/** A tree that kustomize refuses: `top` is what is built. */
export interface BrokenTree {
  readonly files: Tree;
  /** What is said of it: rule, place, and the reason in kustomize's words. */
  readonly said: string;
}

const service = (name: string, namespace?: string) =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}${namespace === undefined ? '' : `, namespace: ${namespace}`}}\nspec: {ports: [{port: 80}]}\n`;
const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n';
const top = (more: string, files: Tree = {}): Tree => ({
  'top/kustomization.yaml': `resources: [a.yaml]\n${more}`,
  'top/a.yaml': service('web'),
  ...files,
});
const patched = (patch: string, target = '') =>
  top(
    `patches:\n- patch: |-\n${patch.replace(/^/gm, '    ')}\n${target === '' ? '' : `  target: ${target}\n`}`,
  );
const part = (more: string) => ({
  'part/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n${more}`,
});
const at = (rule: string, line: number, reason: string, file = 'top/kustomization.yaml') =>
  `error kustomize-${rule} at ${file}:${String(line)}: kustomize refuses the build: ${reason}.`;
const absent = (line: number, entry: string) =>
  `error kustomize-missing-resource at top/kustomization.yaml:${String(line)}: "${entry}" is neither a file nor a directory with a kustomization file; the build fails today.`;

export const brokenTrees: Readonly<Record<string, BrokenTree>> = {
  'a patch for an object that is not there': {
    files: patched('apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {type: NodePort}'),
    said: at(
      'patch-target',
      3,
      'no matches for Id Service.v1.[noGrp]/shop.[noNs]; failed to find unique target for patch Service.v1.[noGrp]/shop.[noNs]',
    ),
  },
  'a patch for another version of an object': {
    files: patched('apiVersion: v2\nkind: Service\nmetadata: {name: web}\nspec: {type: NodePort}'),
    said: at(
      'patch-target',
      3,
      'no matches for Id Service.v2.[noGrp]/web.[noNs]; failed to find unique target for patch Service.v2.[noGrp]/web.[noNs]',
    ),
  },
  'a patch that leaves out the namespace its object is written with': {
    files: {
      ...patched('apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: NodePort}'),
      'top/a.yaml': service('web', 'shop'),
    },
    said: at(
      'patch-target',
      3,
      'no matches for Id Service.v1.[noGrp]/web.[noNs]; failed to find unique target for patch Service.v1.[noGrp]/web.[noNs]',
    ),
  },
  'a patch in a component for an object that is not there': {
    files: {
      ...top('components: [../part]\n'),
      ...part('patches:\n- patch: "{apiVersion: v1, kind: Service, metadata: {name: shop}}"\n'),
    },
    said: at(
      'patch-target',
      4,
      'no matches for Id Service.v1.[noGrp]/shop.[noNs]; failed to find unique target for patch Service.v1.[noGrp]/shop.[noNs]',
      'part/kustomization.yaml',
    ),
  },
  'a patch of an object that another patch deletes': {
    files: top(
      `patches:\n- patch: '{apiVersion: v1, kind: Service, metadata: {name: web}, $patch: delete}'\n- patch: '{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: NodePort}}'\n`,
    ),
    said: at(
      'patch-target',
      4,
      'no matches for Id Service.v1.[noGrp]/web.[noNs]; failed to find unique target for patch Service.v1.[noGrp]/web.[noNs]',
    ),
  },
  'a patch without a kind': {
    files: patched('apiVersion: v1\nmetadata: {name: web}\nspec: {type: NodePort}'),
    said: at('broken-patch', 3, 'unable to parse SM or JSON patch'),
  },
  'an entry of patches without a patch': {
    files: top('patches:\n- target: {kind: Service}\n'),
    said: at('broken-patch', 3, 'must specify one of patch and path'),
  },
  'a JSON patch without a target': {
    files: patched('- {op: add, path: /spec/type, value: NodePort}'),
    said: at('broken-patch', 3, 'must specify a target for JSON patch'),
  },
  'a JSON patch that removes what is not there': {
    files: patched('- {op: remove, path: /spec/type}', '{kind: Service}'),
    said: at(
      'patch-fails',
      3,
      "error in remove for path: '/spec/type': Unable to remove nonexistent key: type: missing value (in Service.v1.[noGrp]/web.[noNs])",
    ),
  },
  'a JSON patch below what is not there': {
    files: patched('- {op: add, path: /spec/selector/app, value: web}', '{kind: Service}'),
    said: at(
      'patch-fails',
      3,
      'add operation does not apply: doc is missing path: "/spec/selector/app": missing value (in Service.v1.[noGrp]/web.[noNs])',
    ),
  },
  'a JSON patch behind the end of a list': {
    files: patched('- {op: add, path: /spec/ports/5, value: {port: 1}}', '{kind: Service}'),
    said: at(
      'patch-fails',
      3,
      "error in add for path: '/spec/ports/5': Unable to access invalid index: 5: invalid index referenced (in Service.v1.[noGrp]/web.[noNs])",
    ),
  },
  'a JSON patch whose test fails': {
    files: patched('- {op: test, path: /spec/ports/0/port, value: 81}', '{kind: Service}'),
    said: at(
      'patch-fails',
      3,
      'testing value /spec/ports/0/port failed: test failed (in Service.v1.[noGrp]/web.[noNs])',
    ),
  },
  'a merge patch that writes a text where a map is': {
    files: patched('apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: none'),
    said: at(
      'patch-fails',
      3,
      'wrong node kind at spec: expected MappingNode but got ScalarNode (in Service.v1.[noGrp]/web.[noNs])',
    ),
  },
  'a target that is no regular expression': {
    files: patched('- {op: add, path: /spec/type, value: NodePort}', '{name: "*"}'),
    said: at(
      'broken-patch',
      3,
      'error parsing regexp: missing argument to repetition operator: `*`: `^(?:*)$`',
    ),
  },
  'a generator whose file is missing': {
    files: top('configMapGenerator:\n- {name: c, files: [settings.ini]}\n'),
    said: absent(3, 'settings.ini'),
  },
  'a generator that makes what is there': {
    files: top('configMapGenerator:\n- {name: c, literals: [a=b]}\n- {name: c, literals: [a=b]}\n'),
    said: at('generator', 4, 'id ConfigMap.v1.[noGrp]/c.[noNs] exists; behavior must be merge or replace'),
  },
  'a generator that merges into what is not there': {
    files: top('configMapGenerator:\n- {name: c, behavior: merge, literals: [a=b]}\n'),
    said: at('generator', 3, 'id ConfigMap.v1.[noGrp]/c.[noNs] does not exist; cannot merge or replace'),
  },
  'a generator with a literal that is no pair': {
    files: top('secretGenerator:\n- {name: s, literals: [password]}\n'),
    said: at('generator', 3, 'literal sources: invalid literal source password, expected key=value'),
  },
  'a resource without a name': {
    files: top('', { 'top/a.yaml': 'apiVersion: v1\nkind: Service\nspec: {}\n' }),
    said: at('not-a-manifest', 1, 'missing metadata.name', 'top/a.yaml'),
  },
  'a resource that is not an object': {
    files: top('', { 'top/a.yaml': '- a\n- b\n' }),
    said: at('not-a-manifest', 1, 'missing Resource metadata', 'top/a.yaml'),
  },
  'a missing base': {
    files: top('bases: [../base]\n'),
    said: absent(2, '../base'),
  },
  'a component among the resources': {
    files: { ...top('bases: [../part]\n'), ...part('namePrefix: a-\n') },
    said: at('component', 2, "expected kind != 'Component' for path 'part'"),
  },
  'a kustomization among the components': {
    files: { ...top('components: [../part]\n'), 'part/kustomization.yaml': 'namePrefix: a-\n' },
    said: at('component', 2, "expected kind 'Component' for path 'part' but got 'Kustomization'"),
  },
  'an unknown field of a base': {
    files: {
      'top/kustomization.yaml': 'resources: [../base]\n',
      'base/kustomization.yaml': 'resources: [a.yaml]\nresourses: [b.yaml]\n',
      'base/a.yaml': service('web'),
    },
    said: at('wrong-field', 2, 'unknown field "resourses"', 'base/kustomization.yaml'),
  },
  'resources that are a text': {
    files: top('', { 'top/kustomization.yaml': 'resources: a.yaml\n' }),
    said: at('wrong-field', 1, 'cannot unmarshal string into field resources of type list'),
  },
  "Flux' own Kustomization in the place of kustomize's": {
    files: top('apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n'),
    said: at(
      'wrong-field',
      2,
      'apiVersion for Kustomization should be kustomize.config.k8s.io/v1beta1, and it is kustomize.toolkit.fluxcd.io/v1',
    ),
  },
  'two objects that one namespace makes one': {
    files: top('namespace: shop\n', { 'top/a.yaml': `${service('web', 'a')}---\n${service('web', 'b')}` }),
    said: at('duplicate-id', 2, 'namespace transformation produces ID conflict: Service.v1.[noGrp]/web.shop'),
  },
  'replicas of a workload that is not there': {
    files: top('replicas:\n- {name: web, count: 2}\n'),
    said: at(
      'replicas',
      3,
      'resource with name web does not match a config with the following GVK [Deployment StatefulSet ReplicaSet ReplicationController]',
    ),
  },
  'a replacement without a source': {
    files: top('replacements:\n- source: {kind: Secret}\n  targets: [{select: {kind: Service}}]\n'),
    said: at('replacement', 3, 'nothing selected by {"kind":"Secret"}'),
  },
  'charts of a kustomization': {
    files: top('helmCharts:\n- {name: redis}\n'),
    said: 'error kustomize-helm-charts at top/kustomization.yaml:3: Flux builds no charts of a kustomization: kustomize refuses the build: must specify --enable-helm.',
  },
  'a name that could mean two objects': {
    files: {
      'top/kustomization.yaml': 'namePrefix: b-\nresources: [../base, account.yaml, pod.yaml]\n',
      'top/pod.yaml':
        'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {serviceAccountName: web, containers: [{name: c, image: "x:1"}]}\n',
      'top/account.yaml': account,
      'base/kustomization.yaml': 'namePrefix: a-\nresources: [account.yaml]\n',
      'base/account.yaml': account,
    },
    said: at(
      'name-reference',
      4,
      'found multiple possible referrals for "web" in Pod.v1.[noGrp]/b-web.[noNs]: ServiceAccount.v1.[noGrp]/b-a-web.[noNs], ServiceAccount.v1.[noGrp]/b-web.[noNs]',
      'top/pod.yaml',
    ),
  },
};
