import { route, unnamed, sidecar, policies, rules, kustomization, service } from './samples.ts';

/** Something that happens between a template upgrade and people, with what must come out of it. */
export interface Scenario {
  readonly name: string;
  readonly base: string;
  readonly ours: (text: string) => string;
  readonly theirs: (text: string) => string;
  /** Texts the result must hold, and must not. */
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
  /** Paths of the conflicts, in order. */
  readonly conflicts?: readonly string[];
}

const swap = (from: string, to: string) => (text: string) => {
  if (!text.includes(from)) throw new Error(`there is no ${from}`);
  return text.replace(from, to);
};
const all =
  (...steps: readonly ((text: string) => string)[]) =>
  (text: string) =>
    steps.reduce((at, step) => step(at), text);
const same = (text: string) => text;

export const scenarios: readonly Scenario[] = [
  {
    name: 'user adds a host, template adds another beside it',
    base: route,
    ours: swap('    - shop.example.com\n', '    - shop.example.com\n    - old.example.com\n'),
    theirs: swap('    - shop.example.com\n', '    - shop.example.com\n    - new.example.com\n'),
    has: ['- old.example.com', '- new.example.com'],
  },
  {
    name: 'user renames a route, template adds a timeout to it',
    base: route,
    ours: swap('name: api', 'name: api-v1'),
    theirs: swap('            prefix: /api\n', '            prefix: /api\n      timeout: 10s\n'),
    has: ['name: api-v1', 'timeout: 10s'],
  },
  {
    name: 'template names routes that had no name, user gave one a timeout in the same line’s place',
    base: unnamed,
    ours: swap('    - match:', '    - timeout: 3s # slow reports\n      match:'),
    theirs: () => route,
    has: ['timeout: 3s # slow reports', 'name: api', 'name: web'],
  },
  {
    name: 'user puts a route before the others, template changes the last one',
    base: route,
    ours: swap(
      '    - name: api\n',
      '    - name: health\n      directResponse: {status: 200}\n    - name: api\n',
    ),
    theirs: swap('number: 80\n', 'number: 8000\n'),
    has: ['- name: health\n', 'number: 8000'],
  },
  {
    name: 'template reorders routes, user changes one of them',
    base: route,
    ours: swap('number: 80\n', 'number: 81 # new pods\n'),
    theirs: (text) => {
      const [head = '', api = '', web = ''] = text.split(/(?=^ {4}- name:)/m);
      return head + web + api;
    },
    has: [
      '    - name: web\n      route:\n        - destination:\n            host: web.shop.svc.cluster.local\n            port:\n              number: 81 # new pods\n    - name: api',
    ],
  },
  {
    name: 'user reorders rules, template adds one',
    base: policies,
    ours: (text) => {
      const [head = '', one = '', two = ''] = text.split(/(?=^ {4}- from:)/m);
      return head + two + one;
    },
    theirs: (text) =>
      `${text}    - from:\n        - source:\n            principals:\n              - cluster.local/ns/mail/sa/mail\n`,
    has: [
      'sa/mail',
      '  rules:\n    - from:\n        - source:\n            principals:\n              - cluster.local/ns/pay/sa/pay\n',
    ],
  },
  {
    name: 'user deletes a policy, template leaves it',
    base: policies,
    ours: (text) => text.split('---\n')[0] ?? '',
    theirs: swap('spec: {}', 'spec: {} # nobody'),
    has: ['spec: {} # nobody'],
    lacks: ['allow-callers'],
  },
  {
    name: 'user deletes a policy, template changes it',
    base: policies,
    ours: (text) => text.split('---\n')[0] ?? '',
    theirs: swap('sa/front', 'sa/frontend'),
    lacks: ['allow-callers'],
    conflicts: [''],
  },
  {
    name: 'template deletes a policy, user left it',
    base: policies,
    ours: swap('spec: {}', 'spec: {} # nobody'),
    theirs: (text) => text.split('---\n')[0] ?? '',
    has: ['spec: {} # nobody'],
    lacks: ['allow-callers'],
  },
  {
    name: 'template deletes a policy that the user changed',
    base: policies,
    ours: swap('sa/front', 'sa/shopfront'),
    theirs: (text) => text.split('---\n')[0] ?? '',
    has: ['sa/shopfront'],
    conflicts: [''],
  },
  {
    name: 'user changes a comment, template changes the line below',
    base: policies,
    ours: swap('# Who may call the catalog.', '# Ask #team-catalog before you add one.'),
    theirs: swap('name: allow-callers-catalog', 'name: allow-callers-catalog\n  labels: {app: catalog}'),
    has: ['# Ask #team-catalog', 'labels: {app: catalog}'],
  },
  {
    name: 'template changes a comment, user changes the field below it',
    base: policies,
    ours: swap('  name: allow-callers-catalog', '  name: allow-callers-catalog\n  labels: {team: blue}'),
    theirs: swap('# Who may call the catalog.', '# The declared callers of the catalog.'),
    has: ['# The declared callers', 'labels: {team: blue}'],
  },
  {
    name: 'user adds a comment behind a field that the template changes',
    base: rules,
    ours: swap('maxConnections: 100', 'maxConnections: 100 # measured in May'),
    theirs: swap('maxConnections: 100', 'maxConnections: 200'),
    has: ['maxConnections: 200 # measured in May'],
  },
  {
    name: 'both change the same field',
    base: rules,
    ours: swap('maxConnections: 100', 'maxConnections: 50'),
    theirs: swap('maxConnections: 100', 'maxConnections: 200'),
    has: ['maxConnections: 50'],
    conflicts: ['spec.trafficPolicy.connectionPool.tcp.maxConnections'],
  },
  {
    name: 'both make the same change',
    base: rules,
    ours: swap('maxConnections: 100', 'maxConnections: 200'),
    theirs: swap('maxConnections: 100', 'maxConnections: 200'),
    has: ['maxConnections: 200'],
  },
  {
    name: 'both add a field at the same place',
    base: rules,
    ours: (text) => `${text}        connectTimeout: 1s\n`,
    theirs: (text) => `${text}    tls:\n      mode: ISTIO_MUTUAL\n`,
    has: ['connectTimeout: 1s', 'mode: ISTIO_MUTUAL'],
  },
  {
    name: 'user moves the file to CRLF, template adds a field',
    base: rules,
    ours: (text) => text.replaceAll('\n', '\r\n'),
    theirs: (text) => `${text}    tls:\n      mode: ISTIO_MUTUAL\n`,
    has: ['      mode: ISTIO_MUTUAL\r\n', 'kind: DestinationRule\r\n'],
  },
  {
    name: 'user indents by four, template adds nested fields',
    base: rules,
    ours: (text) => text.replace(/^( +)/gm, '$1$1'),
    theirs: (text) => `${text}    tls:\n      mode: ISTIO_MUTUAL\n`,
    has: ['        tls:\n            mode: ISTIO_MUTUAL\n'],
  },
  {
    name: 'user quotes and writes in flow style, template changes a neighbour',
    base: sidecar,
    ours: all(
      swap(
        '    - hosts:\n        - ./*\n        - istio-system/*\n        - kube-system/* # DNS\n',
        '    - hosts: ["./*", "istio-system/*", "kube-system/*"]\n',
      ),
      swap('name: default', 'name: "default"'),
    ),
    theirs: swap('ALLOW_ANY', 'REGISTRY_ONLY'),
    has: ['hosts: ["./*", "istio-system/*", "kube-system/*"]', 'name: "default"', 'mode: REGISTRY_ONLY'],
  },
  {
    name: 'user writes a list in flow style, template adds an item to it',
    base: sidecar,
    ours: swap(
      '    - hosts:\n        - ./*\n        - istio-system/*\n        - kube-system/* # DNS\n',
      '    - hosts: ["./*", "istio-system/*", "kube-system/*"]\n',
    ),
    theirs: swap('        - kube-system/* # DNS\n', '        - kube-system/* # DNS\n        - pay/*\n'),
    has: ['hosts: ["./*", "istio-system/*", "kube-system/*", pay/*]'],
  },
  {
    name: 'user removes an item of a list, template adds one',
    base: sidecar,
    ours: swap('        - kube-system/* # DNS\n', ''),
    theirs: swap('        - kube-system/* # DNS\n', '        - kube-system/* # DNS\n        - pay/*\n'),
    has: ['- pay/*'],
    lacks: ['kube-system'],
  },
  {
    name: 'template drops an annotation, user added one beside it',
    base: policies,
    ours: swap(
      '    istio.io/dry-run: "true"\nspec: {}',
      '    istio.io/dry-run: "true"\n    owner: blue\nspec: {}',
    ),
    theirs: (text) => text.replaceAll('  annotations:\n    istio.io/dry-run: "true"\n', ''),
    has: ['  annotations:\n    owner: blue\n'],
    lacks: ['dry-run'],
  },
  {
    name: 'template drops a field below the user’s comment',
    base: policies,
    ours: swap(
      '    istio.io/dry-run: "true"\nspec: {}',
      '    # until 1 June\n    istio.io/dry-run: "true"\nspec: {}',
    ),
    theirs: swap('    istio.io/dry-run: "true"\nspec: {}', '    other: x\nspec: {}'),
    has: ['# until 1 June', 'other: x'],
  },
  {
    name: 'template changes the API version, user changes the spec',
    base: route.replace('networking.istio.io/v1', 'networking.istio.io/v1beta1'),
    ours: swap('number: 80\n', 'number: 81\n'),
    theirs: swap('v1beta1', 'v1'),
    has: ['apiVersion: networking.istio.io/v1\n', 'number: 81'],
  },
  {
    name: 'user adds a document between, template changes the one after',
    base: policies,
    ours: swap(
      '---\n',
      '---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: mine\nspec: {action: ALLOW, rules: [{}]}\n---\n',
    ),
    theirs: swap('sa/front', 'sa/frontend'),
    has: ['name: mine', 'sa/frontend'],
  },
  {
    name: 'template adds a document, user changes the first and has no line break at the end',
    base: rules,
    ours: all(swap('100', '50'), (text) => text.trimEnd()),
    theirs: (text) => `${text}---\n${text.replaceAll('catalog', 'cart')}`,
    has: ['maxConnections: 50\n---\n', 'name: cart'],
  },
  {
    name: 'user renames the object, template adds a field',
    base: rules,
    ours: swap('name: catalog', 'name: catalog-rule'),
    theirs: (text) => `${text}    tls:\n      mode: ISTIO_MUTUAL\n`,
    has: ['name: catalog-rule', 'mode: ISTIO_MUTUAL'],
  },
  {
    name: 'user sorts resources and writes ./, template adds one; the image policy’s comment stays',
    base: kustomization,
    ours: all(
      swap(
        '  - app.yaml\n  - virtual-service.yaml\n  - istio-sidecar.yaml\n',
        '  - ./app.yaml\n  - ./istio-sidecar.yaml\n  # routes last\n  - ./virtual-service.yaml\n',
      ),
      swap('1.2.3', '1.2.4'),
    ),
    theirs: swap('  - istio-sidecar.yaml\n', '  - istio-sidecar.yaml\n  - istio-destinationrule.yaml\n'),
    has: [
      '- istio-destinationrule.yaml',
      '# routes last\n  - ./virtual-service.yaml',
      'newTag: 1.2.4 # {"$imagepolicy"',
    ],
  },
  {
    name: 'user changes a port’s target, template adds a port and reorders the list',
    base: service,
    ours: swap('targetPort: 8080', 'targetPort: web'),
    theirs: (text) =>
      text.replace(/ {4}- name: http[^]*?(?= {4}- name: grpc)/, '') +
      '    - name: http\n      port: 80\n      targetPort: 8080\n    - name: metrics\n      port: 9100\n',
    has: ['targetPort: web', 'port: 9100'],
  },
  {
    name: 'user turns a map into an anchor and alias, template changes elsewhere',
    base: rules,
    ours: (text) => `${text.replace('metadata:\n', 'metadata: &meta\n')}# note: *meta is ours\n`,
    theirs: swap('100', '200'),
    has: ['metadata: &meta', 'maxConnections: 200', '# note'],
  },
  {
    name: 'user has merge keys, template changes a field beside them',
    base: `x-labels: &labels\n  team: blue\nspec:\n  labels:\n    <<: *labels\n    app: shop\n  replicas: 1\n`,
    ours: swap('    app: shop\n', '    app: shop\n    tier: front\n'),
    theirs: swap('replicas: 1', 'replicas: 2'),
    has: ['<<: *labels', 'tier: front', 'replicas: 2'],
  },
  {
    name: 'both change different lines of one block scalar',
    base: `kind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\ndata:\n  app.conf: |\n    a=1\n    b=2\n`,
    ours: swap('a=1', 'a=9'),
    theirs: swap('b=2', 'b=3'),
    has: ['a=9\n    b=2'],
    conflicts: ['data.app.conf'],
  },
  {
    name: 'user takes a field from a block and leaves a note there, template drops the block',
    base: `kind: Deployment\napiVersion: apps/v1\nmetadata: {name: a}\nspec:\n  replicas: 1\n  strategy:\n    type: Recreate\n    limits:\n      surge: 1\n`,
    ours: swap('    type: Recreate\n    limits:', '    # kept until May\n    limits:'),
    theirs: swap('  strategy:\n    type: Recreate\n    limits:\n      surge: 1\n', ''),
    has: ['replicas: 1\n  # kept until May'],
    lacks: ['strategy'],
  },
  {
    name: 'nothing of the user, everything of the template',
    base: sidecar,
    ours: same,
    theirs: () => policies,
    has: ['deny-all'],
    lacks: ['Sidecar'],
  },
];
