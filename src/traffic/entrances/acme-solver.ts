import { controllersFor } from '../../mesh/ingress-controller.ts';
import { proxiesOf } from '../../mesh/kubernetes-gateway.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import { labelsAt } from '../../k8s/selector.ts';
import { listAt, objectAt, stringAt, valueAt, type JsonObject, type YamlPath } from '../../model/json.ts';
import type { Resource } from '../../model/resource.ts';
import type { Caller } from '../../model/traffic.ts';
import { entranceCollector, evidenceAt } from '../entrance.ts';
import { callerOfController } from '../ways.ts';

/** Pods that cert-manager makes in the namespace of a certificate to answer HTTP-01 challenges, now and at each renewal; it
 *  keeps a sidecar away from them, unless the issuer's template says otherwise.
 *  @see https://cert-manager.io/docs/configuration/acme/http01/ */
export default entranceCollector({
  way: 'acme-solver',
  *find(inventory) {
    const seen = new Set<string>();
    for (const { namespace, issuer } of usesOf(inventory))
      for (const { path, value } of solversOf(issuer)) {
        const key = JSON.stringify([namespace, issuer.kind, issuer.namespace, issuer.name, path]);
        if (seen.has(key)) continue;
        seen.add(key);
        const template = objectAt(value, 'ingress', 'podTemplate', 'metadata');
        for (const from of callersOf(value, issuer, inventory))
          yield {
            from,
            to: {
              kind: 'workload',
              namespace,
              name: 'cm-acme-http-solver',
              port: 8089,
              pods: {
                labels: {
                  'acme.cert-manager.io/http01-solver': 'true',
                  ...labelsAt(template, 'labels'),
                },
                annotations: { 'sidecar.istio.io/inject': 'false', ...labelsAt(template, 'annotations') },
              },
            },
            protocol: 'http',
            path: '/.well-known/acme-challenge/',
            evidence: evidenceAt(issuer, path, 'acme-solver'),
          };
      }
  },
});

interface Use {
  readonly namespace: string;
  readonly issuer: Resource;
}

/** Where certificates are asked for, and of which issuer. */
function* usesOf(inventory: Inventory): Iterable<Use> {
  for (const { namespace, spec } of inventory.of('Certificate')) {
    const name = stringAt(spec, 'issuerRef', 'name') ?? '';
    const kind = stringAt(spec, 'issuerRef', 'kind') === 'ClusterIssuer' ? 'ClusterIssuer' : 'Issuer';
    const issuer = inventory.find(kind, kind === 'Issuer' ? namespace : '', name);
    if (issuer !== undefined) yield { namespace, issuer };
  }
  for (const { namespace, annotations } of [
    ...inventory.of('Ingress'),
    ...inventory.of('KubernetesGateway'),
  ]) {
    const own = annotations['cert-manager.io/issuer'];
    const shared = annotations['cert-manager.io/cluster-issuer'];
    const issuer =
      own !== undefined
        ? inventory.find('Issuer', namespace, own)
        : shared === undefined
          ? undefined
          : inventory.find('ClusterIssuer', '', shared);
    if (issuer !== undefined) yield { namespace, issuer };
  }
}

function solversOf({ spec }: Resource): readonly { readonly path: YamlPath; readonly value: JsonObject }[] {
  return listAt(spec, 'acme', 'solvers').flatMap((solver, index) =>
    valueAt(solver, 'http01') === undefined
      ? []
      : [{ path: ['spec', 'acme', 'solvers', index, 'http01'], value: objectAt(solver, 'http01') }],
  );
}

/** Who sends the challenge on: the controller of the solver's class, or the Gateways it names. */
function callersOf(solver: JsonObject, issuer: Resource, inventory: Inventory): readonly Caller[] {
  const parents = listAt(solver, 'gatewayHTTPRoute', 'parentRefs');
  if (parents.length > 0)
    return parents.map((parent): Caller => {
      const name = stringAt(parent, 'name') ?? '';
      const namespace = stringAt(parent, 'namespace') ?? issuer.namespace;
      const gateway = inventory.find('KubernetesGateway', namespace, name);
      const proxies = gateway === undefined ? undefined : proxiesOf(gateway, inventory);
      if (proxies?.kind !== 'mesh') return { kind: 'unknown', name: `the Gateway ${namespace}/${name}` };
      return { kind: 'proxy', namespace: proxies.namespace, name, serviceAccount: proxies.serviceAccount };
    });
  const said = stringAt(solver, 'ingress', 'ingressClassName') ?? stringAt(solver, 'ingress', 'class');
  return controllersFor((said ?? '').toLowerCase(), said, inventory).map((each) =>
    callerOfController(each, inventory),
  );
}
