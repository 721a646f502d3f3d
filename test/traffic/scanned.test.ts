import { describe, expect, it } from 'vitest';
import { describeCall, type Call } from '../../src/model/traffic.ts';
import { scannedCalls } from '../../src/traffic/scanned.ts';
import { inventoryOf } from '../mesh/manifests.ts';
import { app, namespace } from './world.ts';

const shop = namespace('shop') + app('shop/web') + app('shop/api');
const bank = namespace('bank') + app('bank/ledger', '{name: http, port: 8080}, {name: grpc, port: 9000}');

const callsIn = (text: string): readonly Call[] => scannedCalls(inventoryOf(text));
const textsIn = (text: string): readonly string[] => callsIn(text).map(describeCall);

/** The web application with a container of its own. */
function web(container: string): string {
  return shop.replace('{name: web, image: x}', `{name: web, image: x, ${container}}`);
}

describe('calls that manifests speak of', () => {
  it.each([
    [
      'a variable',
      web('env: [{name: BANK, value: "http://ledger.bank:8080"}]'),
      'shop/web -> bank/ledger:8080',
    ],
    ['an argument', web('args: ["--ledger=ledger.bank.svc:9000"]'), 'shop/web -> bank/ledger:9000'],
    [
      'a variable without a port, of a service with several',
      web('env: [{name: BANK_HOST, value: ledger.bank}]'),
      'shop/web -> bank/ledger',
    ],
    [
      'a variable without a port, of a service with one',
      web('env: [{name: API_HOST, value: api}]'),
      'shop/web -> shop/api:8080',
    ],
    [
      'a ConfigMap that it reads',
      `${web('envFrom: [{configMapRef: {name: settings}}]')}---
apiVersion: v1
kind: ConfigMap
metadata: {namespace: shop, name: settings}
data: {LEDGER_URL: "http://ledger.bank.svc.cluster.local:8080/v1"}
`,
      'shop/web -> bank/ledger:8080',
    ],
    [
      'a probe of another host, which the kubelet makes',
      web('livenessProbe: {httpGet: {host: api.shop.svc, port: 8080}}'),
      'outside -> shop/api:8080',
    ],
    [
      'a webhook, which the API server calls',
      `${shop}---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: orders}
webhooks: [{name: orders.shop.example, clientConfig: {service: {namespace: shop, name: api, port: 8080, path: /check}}}]
`,
      'outside -> shop/api:8080',
    ],
    [
      'an Ingress that a cloud’s load balancer serves, the port by its name',
      `${shop}---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {namespace: shop, name: front}
spec:
  ingressClassName: alb
  rules: [{http: {paths: [{path: /, backend: {service: {name: web, port: {name: http}}}}]}}]
`,
      'outside -> shop/web:8080',
    ],
    [
      'a service of a namespace that nobody has read',
      shop.replace(
        '{name: web, image: x}',
        '{name: web, image: x, env: [{name: L, value: "http://ledger.bank.svc:8080"}]}',
      ),
      'shop/web -> bank/ledger:8080',
    ],
  ])('%s', (title, text, expected) => {
    expect(textsIn(title.includes('nobody has read') ? text : text + bank)).toEqual([expected]);
  });

  it.each([
    ['itself', web('env: [{name: OWN_URL, value: "http://web.shop:8080"}]')],
    ['a port that the Service does not have', web('env: [{name: BANK, value: "http://ledger.bank:7777"}]')],
    [
      'a service that is not there, in a namespace that was read',
      web('env: [{name: BANK, value: "http://gone.bank.svc:8080"}]'),
    ],
    [
      'the platform, which every pod may call',
      web('args: ["--dns=kube-dns.kube-system.svc:53", "--api=kubernetes.default.svc:443"]'),
    ],
  ])('leaves out %s', (_, text) => {
    expect(textsIn(text + bank)).toEqual([]);
  });

  it('says where', () => {
    const [call] = callsIn(`${web('env: [{name: BANK, value: "http://ledger.bank:8080"}]')}${bank}`);

    expect(call?.evidence).toEqual([
      { source: 'manifests', way: 'named', object: 'Deployment shop/web', file: 'mesh.yaml', line: 17 },
    ]);
  });
});
