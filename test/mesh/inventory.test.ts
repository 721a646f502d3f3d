import { describe, expect, it } from 'vitest';
import { servicesOfGateway } from '../../src/mesh/gateway-pods.ts';
import { gatewaysBeside } from '../../src/mesh/gateway.ts';
import type { Inventory } from '../../src/mesh/inventory.ts';
import { routesBoundTo } from '../../src/mesh/routes.ts';
import { servicesOf } from '../../src/mesh/served-port.ts';
import { boundToGateway } from '../../src/mesh/virtual-services.ts';
import { inventoryOf } from './manifests.ts';

const manifests = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: public, namespace: edge}
spec: {selector: {role: edge}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}
---
apiVersion: v1
kind: Service
metadata: {name: edge, namespace: edge}
spec: {selector: {role: edge}, ports: [{name: http, port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: till, namespace: market}
spec: {template: {metadata: {labels: {app: till}}, spec: {containers: [{name: till}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: till, namespace: market}
spec: {selector: {app: till}, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: till, namespace: market}
spec: {hosts: [till.example.com], gateways: [edge/public], http: [{route: [{destination: {host: till}}]}]}
`;

/** Questions that several parts of the product ask of one cluster. */
const questions: Readonly<Record<string, (inventory: Inventory) => unknown>> = {
  'the Services of a gateway': (inventory) =>
    inventory.of('Gateway').map((each) => servicesOfGateway(each, inventory).map(({ name }) => name)),
  'the Services of a workload': (inventory) =>
    inventory.workloads.map((each) => servicesOf(each, inventory).map(({ name }) => name)),
  'what lint reads of the routes at a gateway': (inventory) =>
    boundToGateway('edge/public', inventory).map(({ resource }) => resource.name),
  'what traffic reads of the routes at a gateway': (inventory) =>
    routesBoundTo('edge/public', inventory)
      .at('till.example.com')
      .map(({ name }) => name),
};

describe('an answer does not depend on what was asked before', () => {
  it.each(Object.keys(questions))('%s', (name) => {
    const ask = questions[name];
    const fresh = ask?.(inventoryOf(manifests));

    for (const other of Object.values(questions)) {
      const inventory = inventoryOf(manifests);
      other(inventory);

      expect(ask?.(inventory)).toEqual(fresh);
    }
  });
});

describe('names that hold a separator stay apart', () => {
  it('objects of the namespace "a/b" and of the name "b/c"', () => {
    const inventory = inventoryOf(`kind: Service
apiVersion: v1
metadata: {name: c, namespace: a/b}
`);

    expect(inventory.find('Service', 'a', 'b/c')).toBeUndefined();
    expect(inventory.find('Service', 'a/b', 'c')).toBeDefined();
  });

  it('pods whose label ends as the namespace of another begins', () => {
    const inventory = inventoryOf(`apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: "shop x"}
spec: {template: {metadata: {labels: {y: z}}}}
`);

    expect(inventory.workloadsWith('shop', { 'x y': 'z' })).toEqual([]);
  });

  it('gateways whose selectors look alike when they are joined', () => {
    const gateway = (name: string, selector: string) =>
      `apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: ${name}, namespace: edge}\nspec: {selector: ${selector}}\n`;
    const inventory = inventoryOf(
      [gateway('one', '{a: "1,b=2"}'), gateway('two', '{a: "1", b: "2"}')].join('---\n'),
    );
    const [one] = inventory.of('Gateway');

    expect(one && gatewaysBeside(one, inventory).map(({ name }) => name)).toEqual(['one']);
  });
});
