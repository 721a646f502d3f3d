import { describe, expect, it } from 'vitest';
import { inferNamespace } from '../../src/fleet/infer.ts';
import { readTree } from '../../src/kustomize/read-tree.ts';
import type { RepoPath } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';

function inferred(text: string) {
  const { value: tree } = readTree(
    repository({
      'app/kustomization.yaml': 'namespace: shop\nresources: [all.yaml]\n',
      'app/all.yaml': text,
    }),
    'app' as RepoPath,
  );
  if (tree === undefined) throw new Error('the tree was read whole');
  return inferNamespace(tree).services[0];
}

const service = (ports: string) =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [${ports}]}\n`;
const template = (podSpec: string) => `{metadata: {labels: {app: web}}, spec: ${podSpec}}`;

describe('a port of a Service becomes one of the fleet file as Istio reads it', () => {
  it.each([
    ['{port: 80, name: HTTP-web}', [80]],
    ['{port: 9000, name: GRPC-api}', [{ number: 9000, protocol: 'grpc' }]],
    ['{port: 80, appProtocol: kubernetes.io/h2c}', [{ number: 80, protocol: 'http2' }]],
    ['{port: 3306}', [{ number: 3306, protocol: 'tcp' }]],
    ['{port: 53, protocol: UDP}, {port: 8080}', [8080]],
  ])('%s', (ports, entries) => {
    expect(inferred(service(ports))?.ports).toEqual(entries);
  });
});

it.each([
  ['ReplicaSet', 'apps/v1', template('{serviceAccountName: web}')],
  ['ReplicationController', 'v1', template('{serviceAccountName: web}')],
  ['Deployment', 'apps/v1', template('{serviceAccount: web}')],
])('the account of a %s is found', (kind, apiVersion, pods) => {
  const workload = `---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: web}\nspec: {template: ${pods}}\n`;

  expect(inferred(service('{port: 80}') + workload)?.serviceAccount).toBe('web');
});

it('a service of another namespace with the same name lends it no hosts and no session', () => {
  const others = `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: other}
spec: {hosts: [pay.example.com], http: [{route: [{destination: {host: web.pay.svc.cluster.local}}]}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: other}
spec: {host: web.pay.svc.cluster.local, trafficPolicy: {loadBalancer: {consistentHash: {httpCookie: {name: c, ttl: 1h}}}}}
`;

  expect(inferred(service('{port: 80}') + others)).toEqual({ name: 'web', ports: [80] });
});

it('a session’s time is written in the seconds that the fleet file takes', () => {
  const rule = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec: {host: web, trafficPolicy: {loadBalancer: {consistentHash: {httpCookie: {name: c, ttl: 1h}}}}}
`;

  expect(inferred(service('{port: 80}') + rule)?.stickySession).toEqual({ cookie: 'c', ttl: '3600s' });
});
