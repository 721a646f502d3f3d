import { controllersFor } from '../../mesh/ingress-controller.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import { isObject, listAt, stringAt, valueAt, type JsonValue, type YamlPath } from '../../model/json.ts';
import type { Resource } from '../../model/resource.ts';
import { calleeAt, entranceCollector, evidenceAt } from '../entrance.ts';
import { callerOfController } from '../ways.ts';

interface RouteKind {
  readonly group: RegExp;
  /** Whose software reads it, as an Ingress class of that software would be called. */
  readonly controller: string;
  /** Where the Services are, `*` for each of a list; below: their name, port and namespace. */
  readonly backends: readonly YamlPath[];
  readonly keys: { readonly name: string; readonly port: string; readonly namespace: string };
}

const usual = { name: 'name', port: 'port', namespace: 'namespace' };

/** Kinds by which other software routes to Services: Traefik, Contour, NGINX, OpenShift, Kong, the AWS Load Balancer
 *  Controller. */
const kinds: Readonly<Record<string, RouteKind>> = {
  IngressRoute: {
    group: /^traefik\./,
    controller: 'traefik',
    backends: [['routes', '*', 'services', '*']],
    keys: usual,
  },
  IngressRouteTCP: {
    group: /^traefik\./,
    controller: 'traefik',
    backends: [['routes', '*', 'services', '*']],
    keys: usual,
  },
  HTTPProxy: {
    group: /^projectcontour\.io$/,
    controller: 'contour',
    backends: [
      ['routes', '*', 'services', '*'],
      ['tcpproxy', 'services', '*'],
    ],
    keys: usual,
  },
  VirtualServer: {
    group: /^k8s\.nginx\.org$/,
    controller: 'nginx',
    backends: [['upstreams', '*']],
    keys: { ...usual, name: 'service' },
  },
  Route: {
    group: /^route\.openshift\.io$/,
    controller: 'openshift',
    backends: [['to'], ['alternateBackends', '*']],
    keys: usual,
  },
  TCPIngress: {
    group: /konghq\.com$/,
    controller: 'kong',
    backends: [['rules', '*', 'backend']],
    keys: { ...usual, name: 'serviceName', port: 'servicePort' },
  },
  TargetGroupBinding: {
    group: /^elbv2\.k8s\.aws$/,
    controller: 'alb',
    backends: [['serviceRef']],
    keys: usual,
  },
};

/** Routes in the own kinds of other software than the mesh and Kubernetes. */
export default entranceCollector({
  way: 'foreign-route',
  *find(inventory) {
    for (const resource of inventory.resources) {
      const kind = Object.hasOwn(kinds, resource.kind) ? kinds[resource.kind] : undefined;
      if (kind?.group.test(resource.group) !== true) continue;
      const controllers = inventory.once(controllersOf, kind);
      for (const path of kind.backends.flatMap((pattern) => placesOf(resource, pattern))) {
        const value = valueAt(resource.spec, ...path);
        const name = stringAt(value, kind.keys.name);
        // Traefik's own services are no Services.
        if (name === undefined || (stringAt(value, 'kind') ?? 'Service') !== 'Service') continue;
        const namespace = stringAt(value, kind.keys.namespace) ?? resource.namespace;
        const port = portOf(value, resource, kind);
        const to = calleeAt(namespace, name, port, inventory);
        if (to === undefined) continue;
        for (const controller of controllers)
          yield {
            from: callerOfController(controller, inventory),
            to,
            evidence: evidenceAt(resource, ['spec', ...path, kind.keys.name], 'foreign-route'),
          };
      }
    }
  },
});

function controllersOf({ controller }: RouteKind, inventory: Inventory) {
  return controllersFor(controller, controller, inventory);
}

function portOf(
  value: JsonValue | undefined,
  { spec }: Resource,
  { keys }: RouteKind,
): number | string | undefined {
  const port = valueAt(value, keys.port) ?? valueAt(spec, 'port', 'targetPort');
  return typeof port === 'number' || typeof port === 'string' ? port : undefined;
}

function placesOf({ spec }: Resource, pattern: YamlPath): readonly YamlPath[] {
  let places: YamlPath[] = [[]];
  for (const step of pattern)
    places = places.flatMap((place) =>
      step === '*'
        ? [...listAt(spec, ...place).keys()].map((index) => [...place, index])
        : [[...place, step]],
    );
  return places.filter((place) => isObject(valueAt(spec, ...place)));
}
