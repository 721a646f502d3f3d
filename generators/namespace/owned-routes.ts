import type { YamlEdit } from '../../src/model/edit.ts';
import type { BoundService, BoundSpec, ReconcileAction } from '../../src/model/generator.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { Problem } from '../../src/model/problem.ts';
import { gatewayKey } from '../../src/k8s/gateway-name.ts';
import { ownerOf, ownRoutes, type ServiceOwner } from '../../src/k8s/other-owners.ts';
import { generator, problemAt, sharedGateway } from '../shared.ts';

/** Routes that a controller makes are not written a second time: what the mesh needs of them is said to the controller, where
 *  its object can say it.
 *  @see https://docs.flagger.app/tutorials/istio-progressive-delivery */
export default generator({
  id: 'owned-routes',
  why: () => 'a controller makes the routes of these services, so it is told what the mesh needs',
  reconcile(_wanted, spec, tree) {
    const actions: ReconcileAction[] = [];
    const problems: Problem[] = [];
    for (const service of spec.services) {
      const owner = ownerOf(service.name, tree.manifests);
      if (owner?.owned.makesRoutes !== true) continue;
      const action = told(service, owner, spec);
      if (action !== undefined) actions.push(action);
      problems.push(...unsaid(service, owner, spec));
    }
    return { actions, problems };
  },
});

function told(
  service: BoundService,
  { object, kind }: ServiceOwner<Manifest>,
  spec: BoundSpec,
): ReconcileAction | undefined {
  if (kind.routes === undefined) return undefined;
  const { gateways, hosts, mode } = ownRoutes(object, kind.routes);
  const edits: YamlEdit[] = [];
  const reasons: string[] = [];
  const shared = sharedGateway(spec);
  if (service.hosts.length > 0 && spec.stage !== 'outside') {
    if (!gateways.some((gateway) => gatewayKey(gateway, spec.namespace) === shared)) {
      edits.push({ op: 'append', path: kind.routes.gateways, value: shared });
      reasons.push('its routes also serve the shared gateway');
    }
    for (const host of service.hosts) {
      if (hosts.includes(host)) continue;
      edits.push({ op: 'append', path: kind.routes.hosts, value: host });
      reasons.push(`it did not have the host ${host}`);
    }
  }
  if (spec.stage === 'enforced' && mode === undefined) {
    edits.push({ op: 'set', path: kind.routes.tlsMode, value: 'ISTIO_MUTUAL' });
    reasons.push('mTLS is explicit at this stage');
  }
  return edits.length === 0
    ? undefined
    : { do: 'edit', manifest: object, edits, why: [...new Set(reasons)].join('; ') };
}

function unsaid(
  service: BoundService,
  { object, kind }: ServiceOwner<Manifest>,
  spec: BoundSpec,
): readonly Problem[] {
  if (spec.stage === 'outside') return [];
  const at = (severity: Problem['severity'], message: string, fix: string) =>
    problemAt(object, ['kind'], { rule: 'service-of-a-controller', severity, message, fix });
  const what = `${object.kind} "${object.builtName}" owns the Service "${service.name}": ${kind.what}.`;
  if (kind.routes !== undefined)
    return [
      at(
        'warning',
        `${what} Its pods get sidecars when it next promotes a revision, which the restart in this change starts.`,
        'Watch the promotion before the next stage; it needs the mesh as its provider (meshProvider: istio).',
      ),
    ];
  // Nothing here can say who calls it: requests come through the controller's own proxies.
  const isOpen = service.callers.length > 0;
  return [
    at(
      spec.stage === 'enforced' && !isOpen ? 'error' : 'warning',
      `${what} No VirtualService and no DestinationRule were written for it. Requests reach its pods through the controller's own proxies, which the policies must allow${isOpen ? '' : ' and nothing declares'}.`,
      'Declare the namespaces of its proxies under allowFrom of the service, for Knative the activator and its gateways: knative-serving, and the namespace of the gateway.',
    ),
  ];
}
