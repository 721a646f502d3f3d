import { describe, expect, it } from 'vitest';
import type { Bundle } from '../../src/model/bundle.ts';
import type { NamespaceName } from '../../src/model/named.ts';
import { service } from '../fakes/spec.ts';
import { firstTemplates, templates, templatesWith } from '../fakes/templates.ts';
import { app, overlay, withHost } from './app.ts';
import { plan } from './plan.ts';
import { Story } from './story.ts';

const lock = '.meshwright/shop@lab.lock.yaml';

const caller = (account: string) => ({
  namespace: 'web' as NamespaceName,
  serviceAccount: account,
  service: account,
  ports: [8080],
  stage: 'joined' as const,
});

const filesOf = (bundle: Bundle) =>
  bundle.changes.map(({ path }) => path.replace(`${overlay}/`, '')).filter((path) => !path.startsWith('.'));
const rulesOf = (bundle: Bundle) => bundle.problems.map(({ severity, rule }) => `${severity} ${rule}`);

describe('an upgrade of the templates', () => {
  it('changes only what the templates changed, follows a renamed file, and says why', () => {
    const story = new Story();

    const bundle = story.run();

    expect(filesOf(bundle)).toEqual([
      'istio-authorizationpolicy.yaml',
      'istio-restart-patch.yaml',
      'istio-restart.yaml',
      'istio-sidecar.yaml',
      'kustomization.yaml',
      'virtual-service.yaml',
    ]);
    expect(story.text('istio-restart.yaml')).toBeUndefined();
    expect(story.text('kustomization.yaml')).toContain('- path: istio-restart-patch.yaml\n');
    expect(story.text('kustomization.yaml')).not.toContain('istio-restart.yaml');
    expect(story.text('virtual-service.yaml')).toContain('    - name: catalog # what access logs');
    expect(story.run().changes).toEqual([]);
  });

  it('keeps every byte that people changed, in files of its own and of theirs', () => {
    const story = new Story()
      .edit('virtual-service.yaml', (text) =>
        text
          .replace(
            '    - shop.lab.example.com\n',
            "    - shop.lab.example.com\n    - 'old.example.com'  # until May\n",
          )
          .replace('      route:', '      timeout: 5s # slow reports\n      route:'),
      )
      .edit('istio-restart.yaml', (text) => `# ours\n${text}`)
      .edit('kustomization.yaml', (text) =>
        text.replace('- app.yaml', '# the app\n-   app.yaml').replaceAll('\n', '\r\n'),
      );
    const [route, kustomization] = [story.text('virtual-service.yaml'), story.text('kustomization.yaml')];

    const bundle = story.run();

    expect(bundle.conflicts).toEqual([]);
    expect(story.text('virtual-service.yaml')).toBe(
      route?.replace(
        '    - match:\n',
        '    - name: catalog # what access logs and metrics call this route\n      match:\n',
      ),
    );
    expect(story.text('kustomization.yaml')).toBe(
      kustomization?.replace('istio-restart.yaml', 'istio-restart-patch.yaml'),
    );
    expect(story.text('istio-restart-patch.yaml')).toMatch(/^# ours\n# A patch over/);
  });

  it('finds an object that people moved to another file, and changes it there', () => {
    const story = new Story();
    const moved = story.text('virtual-service.yaml') ?? '';
    story
      .write('virtual-service.yaml', undefined)
      .write('routes.yaml', `# all routes\n${moved}`)
      .edit('kustomization.yaml', (text) => text.replace('virtual-service.yaml', 'routes.yaml'));

    const bundle = story.run();

    expect(story.text('virtual-service.yaml')).toBeUndefined();
    expect(story.text('routes.yaml')).toMatch(/^# all routes\n/);
    expect(story.text('routes.yaml')).toContain('    - name: catalog #');
    expect(story.text('kustomization.yaml')).not.toContain('virtual-service.yaml');
    expect(bundle.conflicts).toEqual([]);
    expect(story.run().changes).toEqual([]);
  });

  it('follows an object that people renamed', () => {
    const story = new Story().edit('virtual-service.yaml', (text) =>
      text.replace('name: catalog', 'name: front-door'),
    );

    story.run();

    expect(story.text('virtual-service.yaml')).toContain('  name: front-door\n');
    expect(story.text('virtual-service.yaml')).toContain('    - name: catalog #');
    expect(story.text('virtual-service.yaml')?.match(/^kind:/gm)).toHaveLength(1);
  });

  it('leaves people’s value where both changed the same place, and says so', () => {
    const two = templatesWith({
      'namespace/istio-sidecar.yaml.hbs': (text) => text.replace('mode: ALLOW_ANY', 'mode: REGISTRY_ONLY'),
    });
    const story = new Story(withHost(), templates).edit('istio-sidecar.yaml', (text) =>
      text.replace('mode: ALLOW_ANY', 'mode: ALLOW_SOME'),
    );

    const bundle = story.run(withHost(), two);

    expect(story.text('istio-sidecar.yaml')).toContain('mode: ALLOW_SOME');
    expect(bundle.conflicts).toEqual([
      {
        file: `${overlay}/istio-sidecar.yaml`,
        resource: {
          apiVersion: 'networking.istio.io/v1',
          kind: 'Sidecar',
          namespace: 'shop',
          name: 'default',
        },
        path: ['spec', 'outboundTrafficPolicy', 'mode'],
        base: 'ALLOW_ANY',
        ours: 'ALLOW_SOME',
        theirs: 'REGISTRY_ONLY',
        line: 17,
        column: 11,
      },
    ]);
    expect(rulesOf(bundle)).toContain('warning merge-conflict');
  });

  it('does not bring back what people removed, and tells', () => {
    const story = new Story()
      .write('virtual-service.yaml', undefined)
      .edit('kustomization.yaml', (text) => text.replace('- virtual-service.yaml\n', ''))
      .edit('istio-sidecar.yaml', (text) => text.replace('        - kube-system/* # DNS\n', ''));

    const bundle = story.run();

    expect(story.text('virtual-service.yaml')).toBeUndefined();
    expect(story.text('istio-sidecar.yaml')).not.toContain('kube-system');
    expect(rulesOf(bundle)).toEqual(
      expect.arrayContaining(['warning owned-file-removed', 'warning bundle-edited-away']),
    );
    expect(story.run().changes).toEqual([]);
  });

  it('writes a removed file again when it is asked to', () => {
    const story = new Story()
      .write('virtual-service.yaml', undefined)
      .edit('kustomization.yaml', (text) => text.replace('- virtual-service.yaml\n', ''));

    story.run(withHost(), templates, { restore: true });

    expect(story.text('virtual-service.yaml')).toContain('kind: VirtualService');
    expect(story.text('kustomization.yaml')).toContain('- virtual-service.yaml\n');
  });

  it('goes back to an earlier version over the same lines', () => {
    const story = new Story();
    const before = new Map(story.files.files);
    story.run();

    story.run(withHost(), firstTemplates);

    expect(story.files.files).toEqual(before);
  });
});

describe('a change of the fleet', () => {
  const withCallers = (...accounts: string[]) =>
    withHost({
      services: [
        service({ hosts: ['shop.lab.example.com'], gatewayPort: 8080, callers: accounts.map(caller) }),
      ],
    });

  it('lets a new caller in beside one that people added, and a former one out', () => {
    const story = new Story(withCallers('cart', 'pay'), templates).edit(
      'istio-authorizationpolicy.yaml',
      (text) =>
        text.replace(
          /^( *- )cluster.local\/ns\/web\/sa\/pay\n/m,
          '$&$1cluster.local/ns/ops/sa/probe # by hand\n',
        ),
    );

    const bundle = story.run(withCallers('pay', 'mail'));
    const policies = story.text('istio-authorizationpolicy.yaml');

    expect(policies).toContain('cluster.local/ns/web/sa/mail');
    expect(policies).toContain('cluster.local/ns/web/sa/pay');
    expect(policies).toContain('cluster.local/ns/ops/sa/probe # by hand');
    expect(policies).not.toContain('cluster.local/ns/web/sa/cart');
    expect(bundle.conflicts).toEqual([]);
  });

  it('removes a file that nothing needs any more, with the reference to it', () => {
    const external = [
      { host: 'api.example.com', ports: [{ number: 443, protocol: 'tls' as const }], addresses: [] },
    ];
    const story = new Story(withHost({ external }), templates);

    story.run(withHost());

    expect(story.text('istio-serviceentry.yaml')).toBeUndefined();
    expect(story.text('kustomization.yaml')).not.toContain('istio-serviceentry.yaml');
  });

  it('takes back what it changed in files of others, and only that', () => {
    const files = app({
      'routes.yaml': `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: storefront}
spec:
  hosts: [shop.lab.example.com] # front
  gateways:
    - istio-system/old
  http:
    - route: [{destination: {host: catalog, port: {number: 8080}}}]
`,
    });
    const story = new Story(withHost(), templates, files);
    expect(story.text('routes.yaml')).toContain('istio-system/istio-shared-gateway');

    story.run(withHost({ services: [service()] }));

    expect(story.text('routes.yaml')).toBe(files[`${overlay}/routes.yaml`]);
  });

  it('keeps a label that people set to something else, and warns', () => {
    const story = new Story().edit('namespace.yaml', (text) => text.replace('stable', 'canary'));

    const bundle = story.run();

    expect(story.text('namespace.yaml')).toContain('istio.io/rev: canary');
    expect(rulesOf(bundle)).toContain('warning bundle-edited-away');
  });
});

describe('the lock', () => {
  it('refuses one that a newer version wrote', () => {
    const story = new Story().edit(lock, (text) => text.replace('meshwright.dev/v1', 'meshwright.dev/v9'));

    expect(rulesOf(plan(withHost(), story.files))).toEqual(['error lock-newer']);
  });

  it.each([
    ['a text that was changed', (text: string) => text.replace('name: default', 'name: other')],
    ['conflict markers', (text: string) => `<<<<<<< ours\n${text}=======\n>>>>>>> theirs\n`],
    ['another target', (text: string) => text.replace('name: "shop@lab"', 'name: "cart@lab"')],
    [
      'a path that leads out',
      (text: string) => text.replace(`path: ${overlay}/istio-sidecar.yaml`, 'path: ../../x.yaml'),
    ],
  ])('refuses %s', (_, change) => {
    const story = new Story().edit(lock, change);
    const bundle = plan(withHost(), story.files);

    expect(rulesOf(bundle)).toEqual(['error lock-damaged']);
    expect(bundle.changes).toEqual([]);
  });

  it('is folded away by GitHub, and not written alone', () => {
    const story = new Story();

    expect(story.text('.meshwright/.gitattributes')).toBe('*.lock.yaml linguist-generated\n');
    expect(story.run(withHost({ previousGateways: 'drop' }), firstTemplates).changes).toEqual([]);
  });
});
