import { listAt, stringAt, stringsAt, valueAt, type JsonObject } from '../../src/model/json.ts';
import type { YamlEdit } from '../../src/model/edit.ts';
import type { BoundSpec, ReconcileAction } from '../../src/model/generator.ts';
import type { KustomizeTree, Manifest } from '../../src/model/manifest.ts';
import type { Problem } from '../../src/model/problem.ts';
import { gatewayKey } from '../../src/k8s/gateway-name.ts';
import { meansService } from '../../src/k8s/host.ts';
import { weightedRoutes } from '../../src/k8s/other-owners.ts';
import { generator, manifestsOf, problemAt, sharedGateway } from '../shared.ts';

const page = 'https://istio.io/latest/docs/reference/config/networking/virtual-service/';

/** Routes the hosts of the namespace from the shared gateway to its services.
 *  @see https://istio.io/latest/docs/reference/config/networking/virtual-service/ */
export default generator({
  id: 'virtual-service',
  why: () => 'the shared gateway routes these hosts to the services',
  owned: {
    file: 'virtual-service.yaml',
    template: 'namespace/virtual-service.yaml.hbs',
    role: { kind: 'resource' },
    view: (spec) => {
      const services = spec.services.filter(
        ({ hosts, routes }) => hosts.length > 0 && routes !== 'of a controller',
      );
      if (services.length === 0) return undefined;
      return {
        namespace: spec.namespace,
        gateway: sharedGateway(spec),
        services: services.map((service) => ({
          name: service.virtualServiceName,
          hosts: service.hosts,
          host: service.host,
          port: service.gatewayPort ?? service.ports[0]?.number ?? 80,
        })),
      };
    },
  },
  reconcile(wanted, spec, tree) {
    const actions: ReconcileAction[] = [];
    const problems: Problem[] = [];
    const present = manifestsOf(tree, spec, 'networking.istio.io', 'VirtualService');
    const used = new Set<Manifest>();
    const weighted = weightedRoutes(tree.manifests);
    for (const [index, desired] of wanted.entries()) {
      const found = matching(present, desired, spec, weighted);
      const owner = found.length === 0 ? httpRouteOf(desired, spec, tree) : undefined;
      if (owner !== undefined) problems.push(routedElsewhere(owner, desired));
      else if (found.length === 0) actions.push({ do: 'add', index });
      for (const manifest of found) {
        used.add(manifest);
        const wildcard = stringsAt(manifest.built, 'spec', 'hosts').indexOf('*');
        if (wildcard >= 0) {
          problems.push(wildcardHost(manifest, wildcard, desired));
          continue;
        }
        const action = reconcileRoute(manifest, desired, spec, manifest === found[0]);
        if (action !== undefined) actions.push(action);
        problems.push(...opaqueHosts(manifest, desired));
      }
    }
    problems.push(
      ...leftBehind(
        present.filter((manifest) => !used.has(manifest)),
        spec,
      ),
    );
    return { actions, problems };
  },
});

/** The route of the Gateway API that serves these hosts today: its Gateway has an implementation of its own, and whoever made
 *  it decides where the hosts lead.
 *  @see https://gateway-api.sigs.k8s.io/api-types/httproute/ */
function httpRouteOf(desired: JsonObject, spec: BoundSpec, tree: KustomizeTree): Manifest | undefined {
  const hosts = stringsAt(desired, 'spec', 'hosts');
  const routes = ['HTTPRoute', 'GRPCRoute'].flatMap((kind) =>
    manifestsOf(tree, spec, 'gateway.networking.k8s.io', kind),
  );
  return routes.find(({ built }) =>
    stringsAt(built, 'spec', 'hostnames').some((name) => hosts.includes(name)),
  );
}

function routedElsewhere(route: Manifest, desired: JsonObject): Problem {
  const parents = listAt(route.built, 'spec', 'parentRefs').map((each) => stringAt(each, 'name') ?? '');
  return problemAt(route, ['spec', 'hostnames'], {
    rule: 'route-of-gateway-api',
    severity: 'warning',
    message: `${route.kind} "${route.builtName}" routes ${stringsAt(desired, 'spec', 'hosts').join(', ')} already, at ${parents.join(', ') || 'a Gateway'}; no VirtualService is written beside it.`,
    fix: 'Leave the host out of hosts in fleet.yaml, or remove this route to serve it from the shared gateway.',
    see: 'https://gateway-api.sigs.k8s.io/api-types/httproute/',
  });
}

/** The VirtualServices that serve these hosts today: by host; else, at some gateway or with weights that a controller sets, by
 *  the service they route to. */
function matching(
  present: readonly Manifest[],
  desired: JsonObject,
  spec: BoundSpec,
  weighted: ReadonlySet<string>,
): readonly Manifest[] {
  const hosts = stringsAt(desired, 'spec', 'hosts');
  const byHost = present.filter((manifest) =>
    stringsAt(manifest.built, 'spec', 'hosts').some((host) => hosts.includes(host)),
  );
  if (byHost.length > 0) return byHost;
  const destination = stringAt(desired, 'spec', 'http', 0, 'route', 0, 'destination', 'host') ?? '';
  return present.filter(
    (manifest) =>
      (weighted.has(manifest.builtName) || gatewaysOf(manifest).some((gateway) => gateway !== 'mesh')) &&
      listAt(manifest.built, 'spec', 'http')
        .flatMap((route) => listAt(route, 'route'))
        .some((route) =>
          meansService(stringAt(route, 'destination', 'host') ?? '', destination, spec.namespace),
        ),
  );
}

/** Without `gateways`, Istio applies a VirtualService to the sidecars: the gateway called `mesh`. */
function gatewaysOf(manifest: Manifest): readonly string[] {
  const written = stringsAt(manifest.built, 'spec', 'gateways');
  return written.length === 0 ? ['mesh'] : written;
}

function reconcileRoute(
  manifest: Manifest,
  desired: JsonObject,
  spec: BoundSpec,
  isFirst: boolean,
): ReconcileAction | undefined {
  const edits: YamlEdit[] = [];
  const reasons: string[] = [];
  const shared = sharedGateway(spec);
  const written = stringsAt(manifest.built, 'spec', 'gateways');
  const isShared = (gateway: string) => gatewayKey(gateway, spec.namespace) === shared;
  if (!written.some(isShared)) {
    if (written.length === 0) {
      edits.push({ op: 'set', path: ['spec', 'gateways'], value: ['mesh', shared] });
      reasons.push('it was in-mesh routing, which "mesh" keeps, and now also serves the shared gateway');
    } else {
      edits.push({ op: 'append', path: ['spec', 'gateways'], value: shared });
      reasons.push('it also serves the shared gateway');
    }
  }
  if (spec.previousGateways === 'drop') {
    for (let index = written.length - 1; index >= 0; index--) {
      const gateway = written[index] ?? '';
      if (gateway === 'mesh' || isShared(gateway)) continue;
      edits.push({ op: 'delete', path: ['spec', 'gateways', index] });
      reasons.push(`the previous gateway ${gateway} is no longer wanted`);
    }
  }
  // A host that a second VirtualService serves is there already.
  if (isFirst && !hasOpaqueHost(manifest)) {
    const known = stringsAt(manifest.built, 'spec', 'hosts');
    for (const host of stringsAt(desired, 'spec', 'hosts')) {
      if (known.includes(host)) continue;
      edits.push({ op: 'append', path: ['spec', 'hosts'], value: host });
      reasons.push(`it did not have the host ${host}`);
    }
  }
  if (edits.length === 0) return undefined;
  return { do: 'edit', manifest, edits, why: reasons.join('; ') };
}

function hasOpaqueHost(manifest: Manifest): boolean {
  return stringsAt(manifest.built, 'spec', 'hosts').some((host) => host.includes('${'));
}

function wildcardHost(manifest: Manifest, index: number, desired: JsonObject): Problem {
  const hosts = stringsAt(desired, 'spec', 'hosts');
  return problemAt(manifest, ['spec', 'hosts', index], {
    rule: 'virtual-service-wildcard-host',
    severity: 'error',
    message: `VirtualService "${manifest.builtName}" claims every host; on the shared gateway it would take the traffic of other applications.`,
    fix: `Replace "*" with the hosts it serves: ${hosts.join(', ')}.`,
    see: page,
  });
}

function opaqueHosts(manifest: Manifest, desired: JsonObject): readonly Problem[] {
  const known = stringsAt(manifest.built, 'spec', 'hosts');
  const missing = stringsAt(desired, 'spec', 'hosts').filter((host) => !known.includes(host));
  if (!hasOpaqueHost(manifest) || missing.length === 0) return [];
  return [
    problemAt(manifest, ['spec', 'hosts'], {
      rule: 'virtual-service-variable-host',
      severity: 'info',
      message: `Its hosts contain variables that Flux substitutes, so ${missing.join(', ')} may be among them already and was not added.`,
      fix: 'Check that the variables resolve to the declared hosts.',
    }),
  ];
}

function leftBehind(unused: readonly Manifest[], spec: BoundSpec): readonly Problem[] {
  return unused.flatMap((manifest) => {
    const others = gatewaysOf(manifest).filter(
      (gateway) => gateway !== 'mesh' && gatewayKey(gateway, spec.namespace) !== sharedGateway(spec),
    );
    if (others.length === 0 || valueAt(manifest.built, 'spec', 'http') === undefined) return [];
    return [
      problemAt(manifest, ['spec', 'gateways'], {
        rule: 'virtual-service-not-declared',
        severity: 'warning',
        message: `VirtualService "${manifest.builtName}" serves ${stringsAt(manifest.built, 'spec', 'hosts').join(', ')} at ${others.join(', ')}, but no service of the fleet declares these hosts, so it was left unchanged.`,
        fix: 'Declare the hosts under a service in fleet.yaml to move them to the shared gateway.',
      }),
    ];
  });
}
