import type { Scenario } from './scenarios.ts';

const swap = (from: string, to: string) => (text: string) => {
  if (!text.includes(from)) throw new Error(`there is no ${from}`);
  return text.replaceAll(from, to);
};

const binding = `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: deployers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deployer}
subjects:
  - kind: ServiceAccount
    apiGroup: ""
    name: web
    namespace: shop
`;
const steps = 'pipeline:\n  steps:\n    - run: fetch\n    - run: build\n    - run: ship\n';
const stages = 'stages:\n  - fetch\n  - build\n  - ship\n';
const route = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web]
  http:
    - name: all
      match:
        - uri: {prefix: /shop}
      route:
        - destination: {host: web}
`;
const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: web}
spec:
  servers:
    - port: {number: 443, name: https, protocol: HTTPS}
      hosts: [web.example.com]
      tls:
        cipherSuites: [ECDHE-A, ECDHE-B]
`;
const release = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec:
  valuesFrom:
    - kind: ConfigMap
      name: web
`;
const flux = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web}
spec:
  dependsOn:
    - name: mesh
`;

/** What stands in one place on both sides, and is not the same. */
export const replaced: readonly Scenario[] = [
  {
    name: 'user gives a role to another account, template to one of another namespace',
    base: binding,
    ours: swap('name: web', 'name: bot'),
    theirs: swap('namespace: shop', 'namespace: guest'),
    has: ['name: bot\n    namespace: shop\n', 'name: web\n    namespace: guest\n'],
    lacks: ['name: bot\n    namespace: guest\n', 'name: web\n    namespace: shop\n'],
  },
  {
    name: 'user and template change the one field of an element differently',
    base: steps,
    ours: swap('build', 'compile'),
    theirs: swap('build', 'bundle'),
    has: ['run: compile'],
    lacks: ['build', 'bundle'],
    conflicts: ['pipeline.steps[1]'],
  },
  {
    name: 'user and template change one word of a list of a kind that nobody knows',
    base: stages,
    ours: swap('build', 'compile'),
    theirs: swap('build', 'bundle'),
    has: ['compile'],
    lacks: ['bundle'],
    conflicts: ['stages[1]'],
  },
  {
    name: 'user and template put another number of elements in the place of one',
    base: stages,
    ours: swap('build', 'compile'),
    theirs: swap('  - build', '  - bundle\n  - test'),
    has: ['compile'],
    lacks: ['bundle', 'test'],
    conflicts: ['stages[1]', 'stages[2]'],
  },
  {
    name: 'user matches a path exactly, template matches another prefix',
    base: route,
    ours: swap('prefix: /shop', 'exact: /shop'),
    theirs: swap('/shop', '/store'),
    has: ['exact: /shop'],
    lacks: ['/store'],
    conflicts: ['spec.http[0].match[0]'],
  },
  {
    name: 'user prefers another cipher, template adds one',
    base: gateway,
    ours: swap('ECDHE-A, ECDHE-B', 'ECDHE-B, ECDHE-A'),
    theirs: swap('ECDHE-B', 'ECDHE-B, ECDHE-C'),
    has: ['[ECDHE-B, ECDHE-A]'],
    lacks: ['ECDHE-C'],
    conflicts: ['spec.servers[0].tls.cipherSuites'],
  },
  {
    name: 'user takes values from a Secret, template from another ConfigMap, of one name',
    base: release,
    ours: (text) => `${text}    - kind: Secret\n      name: more\n`,
    theirs: (text) => `${text}    - kind: ConfigMap\n      name: more\n`,
    has: ['kind: Secret\n      name: more', 'kind: ConfigMap\n      name: more'],
  },
  {
    name: 'user and template each wait for a Kustomization of one name in another namespace',
    base: flux,
    ours: (text) => `${text}    - name: base\n      namespace: one\n`,
    theirs: (text) => `${text}    - name: base\n      namespace: two\n`,
    has: ['namespace: one', 'namespace: two'],
  },
  {
    name: 'user and template add an element of one name, each with another content',
    base: release,
    ours: (text) => `${text}  postRenderers:\n    - name: web\n      first: 1\n`,
    theirs: (text) => `${text}  postRenderers:\n    - name: web\n      second: 2\n`,
    has: ['first: 1'],
    lacks: ['second: 2'],
    conflicts: ['spec.postRenderers[0]'],
  },
  {
    name: 'user and template add an element of one name, the template with more in it',
    base: release,
    ours: (text) => `${text}  postRenderers:\n    - name: web\n      first: 1\n`,
    theirs: (text) => `${text}  postRenderers:\n    - name: web\n      first: 1\n      second: 2\n`,
    has: ['first: 1', 'second: 2'],
  },
];
