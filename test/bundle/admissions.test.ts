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

const pods = (port = '', inject?: string, more = '') => `apiVersion: apps/v1
kind: Deployment
metadata: {name: agent}
spec: {selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent${inject === undefined ? '' : `, sidecar.istio.io/inject: ${inject}`}}${more}}, spec: {containers: [{name: agent, image: x, ports: [{${port}name: web, containerPort: 9443}]}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: hook}
spec: {selector: {app: agent}, ports: [{name: http, port: 443, targetPort: 9443}]}
---
`;
const webhook = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: hook}
webhooks: [{name: a.b.c, clientConfig: {service: {name: hook, namespace: shop, path: /validate}}}]
`;
const podMonitor = `apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: agent}
spec: {selector: {matchLabels: {app: agent}}, podMetricsEndpoints: [{port: web, path: /stats}]}
`;
const ingress = (className: string) => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: hook}
spec: {ingressClassName: ${className}, defaultBackend: {service: {name: hook, port: {number: 443}}}}
`;
const kubernetesGateway = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: own}
spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
`;
const httpRoute = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: hook}
spec: {parentRefs: [{name: own}], rules: [{backendRefs: [{name: hook, port: 443}]}]}
`;
const canary = `apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: web}
spec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, service: {port: 80, targetPort: 8080}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: x, ports: [{containerPort: 8080}]}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
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
    const path = /^ +- (\/.*)$/m.exec(document)?.[1];
    const selected = at('app') ?? at('gateway.networking.k8s.io/gateway-name') ?? 'all';
    const parts = [name, selected, who, ports, ...(path === undefined ? [] : [path])];
    return [parts.join(' | ').replace(/ \| $/, '')];
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
    ['a port of the node', pods('hostPort: 9000, '), ['allow-host-port-agent | agent | anyone | 9443']],
    ['a webhook, at its container port', pods() + webhook, ['allow-api-server-hook | agent | anyone | 9443']],
    [
      'metrics, at their path alone',
      pods() + podMonitor,
      ['allow-scrapes-agent | agent | anyone | 9443 | /stats'],
    ],
    ['an Ingress of a cloud', pods() + ingress('alb'), ['allow-ingress-hook | agent | anyone | 9443']],
    ['but not one whose controller nobody has read', pods() + ingress('nginx'), []],
    [
      "an HTTPRoute at a Gateway of the namespace, whose proxies are Istio's",
      pods() + kubernetesGateway + httpRoute,
      [
        'allow-gateway-own | own | anyone',
        'allow-own-to-hook | agent | cluster.local/ns/shop/sa/own-istio | 9443',
      ],
    ],
    ['nothing where no sidecar stands in front: a label', pods('hostPort: 9000, ', '"false"'), []],
    [
      'nor where the port is kept from it',
      pods(
        'hostPort: 9000, ',
        undefined,
        ', annotations: {traffic.sidecar.istio.io/excludeInboundPorts: "9443"}',
      ),
      [],
    ],
    [
      'each set of pods that Flagger makes behind an open Service',
      canary,
      ['allow-network-web | web | anyone | 8080', 'allow-network-web-2 | web-primary | anyone | 8080'],
    ],
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
    ['a webhook', pods() + webhook],
    ['metrics', pods() + podMonitor],
    ['an HTTPRoute', pods() + kubernetesGateway + httpRoute],
  ])('%s: planned again, nothing changes', (_, manifests) => {
    const files = repository(app({ 'more.yaml': manifests }));
    const first = plan(enforced, files);

    expect(first.changes.some(({ path }) => path.startsWith(overlay))).toBe(true);
    expect(plan(enforced, withChanges(files, first.changes)).changes).toEqual([]);
  });
});
