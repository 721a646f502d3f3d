import { serviceHost } from '../k8s/host.ts';
import { mergedRoutesTaking, ownAnswer, routesTaking, type Route } from '../mesh/routes.ts';
import { destinationsOf } from '../mesh/virtual-service.ts';
import { listAt } from '../model/json.ts';
import { describeResource, type Resource } from '../model/resource.ts';
import type { Verdict } from '../model/traffic.ts';
import type { RequestTrace, Sender } from './trace.ts';
import { sendTo } from './outbound.ts';
import { resolveHost, type Hop } from './resolved-host.ts';
import { breaks, either, stepOf, together, undetermined, works } from './verdicts.ts';

/** The routes that a request comes to. */
export interface Routing {
  /** One VirtualService in the mesh; at a gateway those it merges for the host. */
  readonly services: readonly Resource[];
  readonly kind: 'http' | 'tls' | 'tcp';
  /** `mesh`, or `namespace/name` */
  readonly gateway: string;
}

/** The verdict on a request that VirtualServices route.
 *  @returns undefined: they have no routes for this kind of traffic */
export function alongRoutes(
  { services, kind, gateway }: Routing,
  hop: Hop,
  sender: Sender,
  trace: RequestTrace,
): Verdict | undefined {
  if (services.every(({ spec }) => listAt(spec, kind).length === 0)) return undefined;
  const { call, state } = trace;
  const request = { host: hop.host, path: call.path, method: call.method, port: hop.port ?? 0 };
  const at = { gateway, client: sender.peer.client };
  const [first] = services;
  const routes =
    first !== undefined && (kind !== 'http' || services.length === 1)
      ? routesTaking(first, kind, request, at, state.config)
      : mergedRoutesTaking(services, request, at, state.config);
  if (routes.length === 0) {
    // TCP and TLS that no route takes go where they would without any.
    if (kind !== 'http') return undefined;
    const by = first === undefined ? undefined : { resource: first, path: ['spec', 'http'] };
    return breaks('404 NR', `No route for ${hop.host} matches the request.`, by);
  }
  const verdicts = routes.map((route) => alongRoute(route, hop, sender, trace));
  const [verdict] = verdicts;
  if (routes.length === 1 && verdict !== undefined) return verdict;
  return either(
    verdicts,
    `which route for ${hop.host} matches the request depends on its path, its headers, or the age of the VirtualServices`,
    'State the path and method of the call.',
  );
}

function alongRoute(route: Route, hop: Hop, sender: Sender, trace: RequestTrace): Verdict {
  const { resource, path, value } = route;
  const { config } = trace.state;
  const by = { resource, path };
  trace.tell?.(stepOf(`${describeResource(resource)} routes it`, by));
  const answer = ownAnswer(route);
  if (answer !== undefined) return works(`${describeResource(resource)} answers with ${answer}.`);
  const destinations = destinationsOf(value, path, resource.namespace, config.settings.clusterDomain);
  const { call } = trace;
  if (call.isServedByCallee === true && call.to.kind === 'service') {
    const { name, namespace } = call.to;
    const served = serviceHost(name, namespace, config.settings.clusterDomain);
    const [other] = destinations;
    if (other !== undefined && destinations.every(({ host }) => host !== served))
      return breaks(
        'elsewhere',
        `${describeResource(resource)} sends these requests for ${hop.host} to ${other.host} instead.`,
        { resource, path: other.path },
      );
  }
  const verdicts = destinations.map(({ host, port, subset, path: place }) => {
    const target = resolveHost(host, sender.peer.client.namespace, config);
    const sameHost = host === hop.host ? hop.port : undefined;
    const next = { host, port: port ?? onlyPort(target, sameHost), subset, by: { resource, path: place } };
    return sendTo(sender, next, target, trace);
  });
  return (
    together(verdicts) ??
    undetermined(`A route of ${describeResource(resource)} has no destination.`, 'Add a destination.', by)
  );
}

/** Without a port a destination is right for services with one; Istio takes the one that was called where the host is the same. */
function onlyPort(target: ReturnType<typeof resolveHost>, called: number | undefined): number | undefined {
  if (target.kind !== 'service') return called;
  const [first, second] = target.service.ports;
  return second === undefined ? first?.number : called;
}
