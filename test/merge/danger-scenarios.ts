import type { Scenario } from './scenarios.ts';

const swap = (from: string, to: string) => (text: string) => {
  if (!text.includes(from)) throw new Error(`there is no ${from}`);
  return text.replaceAll(from, to);
};

const rule = (caller: string, port: string) => `    - from:
        - source:
            principals: [cluster.local/ns/${caller}]
      to:
        - operation:
            ports: ["${port}"]
`;
const policy = (...rules: readonly string[]) => `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: allow
spec:
  action: ALLOW
  rules:
${rules.join('')}`;
const many = Array.from({ length: 90 }, (_, index) => `shop/sa/w${String(index)}`);
const long = policy(...many.map((caller) => rule(caller, '80')));

const workload = `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: web
spec:
  updateStrategy:
    type: RollingUpdate
  template:
    spec:
      containers:
        - name: web
          image: web:1
          args: [serve, --level, info]
          startupProbe:
            httpGet: {path: /up, port: 80}
`;

const routes = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: web
spec:
  hosts: [web]
  http:
    - name: old
      match:
        - uri: {prefix: /old}
      route:
        - destination: {host: old}
`;

const ingress = (first: string, second: string) => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  rules:
    - host: web.example.com
      http:
        paths:
${first}${second}`;
const path = (type: string, service: string, port: number) => `          - path: /api
            pathType: ${type}
            backend:
              service: {name: ${service}, port: {number: ${String(port)}}}
`;

const twins = `kind: ConfigMap
apiVersion: v1
metadata: {name: twin}
data: {colour: red}
---
kind: ConfigMap
apiVersion: v1
metadata: {name: twin}
data: {colour: blue}
`;

const anchored = `x-shared: &shared
  image: app:1
web:
  <<: *shared
  port: 80
job: *shared
`;

/** Where two changes that each are right give something that neither side wrote. */
export const dangers: readonly Scenario[] = [
  {
    name: 'user shuts out one caller of ninety, template drops another and adds one',
    base: long,
    ours: swap(rule('shop/sa/w7', '80'), ''),
    theirs: (text) => text.replace(rule('shop/sa/w30', '80'), '') + rule('shop/sa/new', '80'),
    has: ['/sa/w8]', '/sa/w29]', '/sa/new]'],
    lacks: ['/sa/w7]', '/sa/w30]'],
  },
  {
    name: 'user opens a port to a caller, template puts another caller in its place',
    base: policy(rule('shop/sa/web', '9000')),
    ours: swap('["9000"]', '["9000", "9001"]'),
    theirs: swap('shop/sa/web', 'guest/sa/bot'),
    has: [rule('guest/sa/bot', '9000')],
    lacks: ['shop/sa/bot'],
    conflicts: ['spec.rules[1]'],
  },
  {
    name: 'user lets another caller use a rule, template opens a port in it',
    base: policy(rule('shop/sa/web', '9000')),
    ours: swap('shop/sa/web]', 'shop/sa/web, cluster.local/ns/guest/sa/bot]'),
    theirs: swap('["9000"]', '["9000", "9001"]'),
    has: ['guest/sa/bot'],
    lacks: ['9001'],
    conflicts: ['spec.rules[0]'],
  },
  {
    name: 'user and template each take another port of a rule away, and none would be left',
    base: policy(rule('shop/sa/web', '9000", "9001')),
    ours: swap('"9000", "9001"', '"9000"'),
    theirs: swap('"9000", "9001"', '"9001"'),
    has: [rule('shop/sa/web', '9000')],
    conflicts: ['spec.rules[0].to[0].operation.ports'],
  },
  {
    name: 'user gives a role a verb, template gives it a resource',
    base: 'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules:\n  - apiGroups: [""]\n    resources: [pods]\n    verbs: [get]\n',
    ours: swap('[get]', '[get, delete]'),
    theirs: swap('[pods]', '[pods, secrets]'),
    lacks: ['secrets'],
    conflicts: ['rules[0]'],
  },
  {
    name: 'user and template replace one probe by different ones',
    base: workload,
    ours: swap('httpGet: {path: /up, port: 80}', 'tcpSocket: {port: 80}'),
    theirs: swap('httpGet: {path: /up, port: 80}', 'grpc: {port: 80}'),
    lacks: ['grpc'],
    conflicts: ['spec.template.spec.containers[0].startupProbe'],
  },
  {
    name: 'user tunes the rolling update, template chooses another strategy',
    base: workload,
    ours: swap('    type: RollingUpdate\n', '    type: RollingUpdate\n    rollingUpdate: {partition: 1}\n'),
    theirs: swap('type: RollingUpdate', 'type: OnDelete'),
    has: ['type: RollingUpdate'],
    conflicts: ['spec.updateStrategy'],
  },
  {
    name: 'user and template change one word of a command differently',
    base: workload,
    ours: swap('[serve, --level, info]', '[serve, --level, debug]'),
    theirs: swap('[serve, --level, info]', '[serve, --level, warn]'),
    has: ['[serve, --level, debug]'],
    conflicts: ['spec.template.spec.containers[0].args'],
  },
  {
    name: 'user and template each add an option that says all of it',
    base: workload.replace('[serve, --level, info]', '[--port=80]'),
    ours: swap('[--port=80]', '[--port=80, --level=debug]'),
    theirs: swap('[--port=80]', '[--trace, --port=80]'),
    has: ['- "--trace"', '- "--port=80"', '- "--level=debug"'],
    conflicts: [],
  },
  {
    name: 'user and template each add a word to options',
    base: workload.replace('[serve, --level, info]', '[--port=80]'),
    ours: swap('[--port=80]', '[--port=80, --level, debug]'),
    theirs: swap('[--port=80]', '[--trace, --port=80]'),
    has: ['args: [--port=80, --level, debug]'],
    conflicts: ['spec.template.spec.containers[0].args'],
  },
  {
    name: 'user and template give one generator different names',
    base: 'configMapGenerator:\n  - name: settings\n    literals: [A=1, B=2]\n',
    ours: swap('name: settings', 'name: shop-settings'),
    theirs: swap('name: settings', 'name: web-settings'),
    has: ['name: shop-settings'],
    lacks: ['web-settings'],
    conflicts: ['configMapGenerator[0]'],
  },
  {
    name: 'user changes where a route leads, template makes it a redirect',
    base: routes,
    ours: swap('host: old', 'host: older'),
    theirs: swap('      route:\n        - destination: {host: old}\n', '      redirect: {uri: /new}\n'),
    has: ['host: older'],
    lacks: ['redirect'],
    conflicts: ['spec.http[0]'],
  },
  {
    name: 'user swaps two paths of an Ingress that differ in their type, template changes one',
    base: ingress(path('Prefix', 'web', 80), path('Exact', 'api', 80)),
    ours: () => ingress(path('Exact', 'api', 80), path('Prefix', 'web', 80)),
    theirs: () => ingress(path('Prefix', 'web', 8080), path('Exact', 'api', 80)),
    has: [path('Prefix', 'web', 8080), path('Exact', 'api', 80)],
  },
  {
    name: 'user and template each change one of two documents with one name',
    base: twins,
    ours: swap('red', 'green'),
    theirs: swap('blue', 'black'),
    has: ['green', 'black'],
    lacks: ['red', 'blue'],
  },
  {
    name: 'user and template change an object that has no name',
    base: 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n  - level: Metadata\n',
    ours: swap('level: Metadata', 'level: Request'),
    theirs: swap('kind: Policy\n', 'kind: Policy\nomitStages: [RequestReceived]\n'),
    has: ['level: Request', 'omitStages'],
    lacks: ['---', 'Metadata'],
  },
  {
    name: 'user and template set one variable of a list differently',
    base: 'services:\n  web:\n    environment:\n      - LEVEL=info\n      - PORT=80\n',
    ours: swap('LEVEL=info', 'LEVEL=debug'),
    theirs: swap('LEVEL=info', 'LEVEL=warn'),
    has: ['LEVEL=debug'],
    lacks: ['LEVEL=warn'],
    conflicts: ['services.web.environment[0]'],
  },
  {
    name: 'template changes an anchored map, user a field of one that merges it',
    base: anchored,
    ours: swap('port: 80', 'port: 81'),
    theirs: swap('app:1', 'app:2'),
    has: ['image: app:2', '<<: *shared', 'port: 81', 'job: *shared'],
    lacks: ['app:1'],
  },
  {
    name: 'template changes a number that is too long to be told apart, user one beside it',
    base: 'limits: {most: 98765432109876543210, least: 1}\n',
    ours: swap('least: 1', 'least: 2'),
    theirs: swap('3210', '3211'),
    has: ['least: 2'],
    conflicts: ['limits'],
  },
  {
    name: 'user gives a policy that holds only its name another one, template adds an object',
    base: 'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: deny-all}\nspec: {}\n',
    ours: swap('deny-all', 'zero-trust'),
    theirs: (text) => `${text}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n`,
    has: ['zero-trust', 'name: more'],
    lacks: ['deny-all'],
  },
];
