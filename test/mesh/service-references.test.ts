import { describe, expect, it } from 'vitest';
import { Inventory } from '../../src/mesh/inventory.ts';
import { resourcesOfDocument } from '../../src/flux/resource.ts';
import { serviceReferences, servicesNamedIn } from '../../src/mesh/service-references.ts';
import { defaultSettings } from '../../src/mesh/settings.ts';
import { readYaml } from '../../src/yaml/read.ts';

const known = new Set(['bank/ledger', 'bank/redis', 'shop/catalog', 'bank/user']);

function named(text: string, isAddress = false): readonly string[] {
  return servicesNamedIn(text, {
    namespace: 'bank',
    clusterDomain: 'cluster.local',
    isService: (service, namespace) => known.has(`${namespace}/${service}`),
    isAddress,
  }).map(
    ({ service, namespace, port }) =>
      `${namespace}/${service}${port === undefined ? '' : `:${String(port)}`}`,
  );
}

describe('a text names', () => {
  it.each([
    ['a service by its full name', 'http://ledger.pay.svc.cluster.local:9000/x', ['pay/ledger:9000']],
    ['a service by its full name with a dot at the end', 'ledger.pay.svc.cluster.local.', ['pay/ledger']],
    ['a service by svc.ns.svc', 'ledger.pay.svc:9000', ['pay/ledger:9000']],
    ['a pod of a headless service', 'db-0.db.pay.svc.cluster.local', ['pay/db']],
    ['a known service by svc.ns', 'grpc://catalog.shop:3550', ['shop/catalog:3550']],
    ['a known service before a port', '--ledger=ledger:9000', ['bank/ledger:9000']],
    ['a known service in a URL', 'https://ledger/v1', ['bank/ledger:443']],
    ['a service behind a user and a password', 'redis://app:s3cret@redis:6379/0', ['bank/redis:6379']],
    ['several services', 'ledger:9000,redis:6379', ['bank/ledger:9000', 'bank/redis:6379']],
    ['services in the lines of a file', 'a: 1\nurl = "http://ledger:80"\n', ['bank/ledger:80']],
  ])('%s', (_, text, expected) => {
    expect(named(text)).toEqual(expected);
  });

  it('a known service alone, where the text is an address', () => {
    expect(named('redis', true)).toEqual(['bank/redis']);
    expect(named('redis')).toEqual([]);
  });
});

describe('a text does not name', () => {
  it.each([
    ['a host outside of the cluster', 'https://api.example.com:443'],
    ['a name with a placeholder in it', 'http://${NAME}-api.shop.svc.cluster.local'],
    ['a name after a placeholder', 'http://$(PREFIX)ledger.pay.svc'],
    ['a name with a template in it', 'http://{{ .name }}.pay.svc.cluster.local'],
    ['a service in a comment', '# http://ledger:9000\n  // redis:6379'],
    ['a word that is no known service', 'image: busybox:1'],
    ['an image', 'image: redis:7'],
    ['a path', '/etc/ledger/ledger.shop'],
    ['a user of a URL', 'postgres://user:secret@db.example.com/x'],
    ['a wildcard', '*.pay.svc.cluster.local'],
    ['a namespace with dots', 'a.b.c.d.svc.cluster.local'],
    ['a known name as a word', 'the ledger and the redis'],
  ])('%s', (_, text) => {
    expect(named(text)).toEqual([]);
  });
});

it('takes time in proportion to the text', () => {
  // Of the processor, since the clock also counts what else the machine does; a square of it would take minutes.
  const start = process.cpuUsage();
  named(`${'a'.repeat(500_000)}\n${'a.'.repeat(200_000)}\n${'ledger:9000 '.repeat(20_000)}`);
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1e6).toBeLessThan(20);
});

it('finds names in variables, arguments and ConfigMaps, with who reads them', () => {
  const text = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: backoffice, namespace: bank}
spec:
  template:
    spec:
      volumes:
        - name: config
          configMap: {name: settings}
      initContainers:
        - name: wait
          command: [sh, -c, "until nc -z ledger 9000; do sleep 1; done; curl http://ledger:9000/ready"]
      containers:
        - name: backoffice
          env:
            - {name: LEDGER_ADDR, value: "ledger.bank.svc:9000"}
            - {name: CACHE_HOST, value: ledger}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: bank}
data:
  application.yaml: |
    catalog: http://catalog.shop.svc.cluster.local:3550
---
apiVersion: v1
kind: ConfigMap
metadata: {name: unread, namespace: bank}
data: {url: "http://ledger"}
---
apiVersion: v1
kind: Service
metadata: {name: ledger, namespace: bank}
spec: {ports: [{port: 9000}]}
`;
  const read = readYaml(text, 'a.yaml');
  if (!read.ok) throw new Error('no YAML');
  const resources = read.value.documents.flatMap((document) =>
    resourcesOfDocument(document, 'a.yaml', undefined),
  );

  const found = serviceReferences(new Inventory(resources, defaultSettings));

  expect(
    found.map(({ text: written, from, path, readBy, container }) => [
      written,
      from,
      path.join('.'),
      readBy.map(({ name }) => name).join(),
      container?.name,
    ]),
  ).toEqual([
    ['ledger:9000', 'argument', 'spec.template.spec.initContainers.0.command.2', 'backoffice', 'wait'],
    [
      'ledger.bank.svc:9000',
      'env',
      'spec.template.spec.containers.0.env.0.value',
      'backoffice',
      'backoffice',
    ],
    ['ledger', 'env', 'spec.template.spec.containers.0.env.1.value', 'backoffice', 'backoffice'],
    ['catalog.shop.svc.cluster.local:3550', 'config', 'data.application.yaml', 'backoffice', undefined],
    ['ledger', 'config', 'data.url', '', undefined],
  ]);
});
