import { describe, expect, it } from 'vitest';
import { withChanges } from '../../src/model/snapshot.ts';
import { repository } from '../fakes/repository.ts';
import { spec } from '../fakes/spec.ts';
import { app, overlay } from './app.ts';
import { changesOf, plan } from './plan.ts';

const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: partner}
spec: {selector: {app: partner}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: ["*"], tls: {mode: SIMPLE, credentialName: x}}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: partner}
spec: {selector: {matchLabels: {app: partner}}, template: {metadata: {labels: {app: partner}}, spec: {serviceAccountName: partner, containers: [{name: istio-proxy, image: auto}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: partner}
spec: {type: LoadBalancer, selector: {app: partner}, ports: [{name: https, port: 443}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: partner}
spec: {hosts: ["*"], gateways: [partner], http: [{route: [{destination: {host: catalog}}]}]}
`;
const open = `apiVersion: v1
kind: Service
metadata: {name: public}
spec: {type: NodePort, selector: {app: catalog}, ports: [{name: http, port: 80, targetPort: web}, {name: dns, port: 53, protocol: UDP}]}
`;
const peers = (replicas: string) => `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: kafka}
spec: {${replicas}serviceName: kafka, selector: {matchLabels: {app: kafka}}, template: {metadata: {labels: {app: kafka}}, spec: {serviceAccountName: kafka, containers: [{name: kafka, image: x}]}}}
`;
const shared = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: everything}
spec: {hosts: ["*"], gateways: [istio-system/istio-shared-gateway], http: [{route: [{destination: {host: catalog}}]}]}
`;

const enforced = spec({ stage: 'enforced', services: [] });

/** Each policy that allows something: its name, its pods, who, and where. */
function policies(manifests: string): readonly string[] {
  const text = changesOf(enforced, app({ 'more.yaml': manifests }))['istio-authorizationpolicy.yaml'] ?? '';
  return text.split('\n---\n').flatMap((document) => {
    const at = (key: string) => new RegExp(`^ *-? *${key}: *(.*)$`, 'm').exec(document)?.[1];
    const name = /^ {2}name: (.*)$/m.exec(document)?.[1] ?? '';
    if (name === 'deny-all' || name === 'allow-health-checks') return [];
    const who = /^ +- (\S+\/ns\/.*)$/m.exec(document)?.[1] ?? 'anyone';
    const ports = [...document.matchAll(/^ +- "(\d+)"$/gm)].map(([, port]) => port).join(' ');
    return [[name, at('app') ?? 'all', who, ports].join(' | ').replace(/ \| $/, '')];
  });
}

describe('what the manifests of a namespace let in gets a policy of its own', () => {
  it.each([
    [
      'pods that a Gateway selects, and what they route',
      gateway,
      [
        'allow-gateway-partner | partner | anyone',
        'allow-partner-to-catalog | catalog | cluster.local/ns/shop/sa/partner | 8080',
      ],
    ],
    [
      'a Service that is open to the network, at its container port',
      open,
      ['allow-network-public | catalog | anyone | 8080'],
    ],
    [
      'the pods of a StatefulSet',
      peers('replicas: 3, '),
      ['allow-peers-kafka | kafka | cluster.local/ns/shop/sa/kafka'],
    ],
    ['but one pod has no peers', peers(''), []],
  ])('%s', (_, manifests, expected) => {
    expect(policies(manifests)).toEqual(expected);
  });

  it('a route of the shared gateway for any host lets the gateway in, though the fleet lists no host', () => {
    expect(policies(shared)).toEqual([
      expect.stringMatching(/^allow-ingress-gateway \| all \| cluster\.local\/ns\/istio-system\/sa\//),
    ]);
  });

  it.each([
    ['a gateway', gateway],
    ['an open Service', open],
    ['peers', peers('replicas: 3, ')],
    ['a shared route', shared],
  ])('%s: planned again, nothing changes', (_, manifests) => {
    const files = repository(app({ 'more.yaml': manifests }));
    const first = plan(enforced, files);

    expect(first.changes.some(({ path }) => path.startsWith(overlay))).toBe(true);
    expect(plan(enforced, withChanges(files, first.changes)).changes).toEqual([]);
  });
});
