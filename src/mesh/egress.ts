import { isObject, listAt, stringAt, valueAt, type YamlPath } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { covers, isExportedTo } from '../k8s/host.ts';
import type { Inventory } from './inventory.ts';
import { hasLabels, labelsAt } from '../k8s/selector.ts';

/** A `namespace/name` of a Sidecar's egress hosts. */
export interface EgressHost {
  readonly path: YamlPath;
  readonly text: string;
  /** A name, `.`, `*` or `~`. */
  readonly namespace: string;
  readonly dns: string;
  /** Whether it takes away (`~ns/dns`) what others of the list give. */
  readonly isExclusion: boolean;
  /** The port of its listener; undefined: every port. */
  readonly port: number | undefined;
}

/** All hosts of a Sidecar's egress listeners; undefined: it has none, and so takes everything.
 *  @see https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener */
export function egressHosts(sidecar: Resource): readonly EgressHost[] | undefined {
  const listeners = listAt(sidecar.spec, 'egress');
  if (listeners.length === 0) return undefined;
  return listeners.flatMap((listener, at) => {
    const port = valueAt(listener, 'port', 'number');
    return listAt(listener, 'hosts').flatMap((text, index): EgressHost[] => {
      if (typeof text !== 'string') return [];
      const slash = text.indexOf('/');
      const namespace = slash < 0 ? '' : text.slice(0, slash);
      const isExclusion = namespace.startsWith('~') && namespace.length > 1;
      return [
        {
          path: ['spec', 'egress', at, 'hosts', index],
          text,
          namespace: isExclusion ? namespace.slice(1) : namespace,
          dns: text.slice(slash + 1),
          isExclusion,
          port: typeof port === 'number' ? port : undefined,
        },
      ];
    });
  });
}

/** Whether an egress host of a Sidecar in `own` takes in a service with this name of namespace `namespace`. */
export function takesIn(
  egress: Pick<EgressHost, 'namespace' | 'dns'>,
  own: string,
  service: { readonly host: string; readonly namespace: string; readonly exportTo: readonly string[] },
): boolean {
  if (!isExportedTo(service.exportTo, service.namespace, own)) return false;
  const wanted = egress.namespace === '.' ? own : egress.namespace;
  if (wanted === '~') return false;
  return (wanted === '*' || wanted === service.namespace) && covers(egress.dns, service.host);
}

/** The Sidecar that configures pods with these labels; `conflicting`: others that could be it, since age decides.
 *  Gateways have none, whatever is written.
 *  @see https://istio.io/latest/docs/reference/config/networking/sidecar/ */
export function sidecarFor(
  workload: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
  inventory: Inventory,
): { readonly sidecar: Resource | undefined; readonly conflicting: readonly Resource[] } {
  const own = inventory.inNamespace('Sidecar', workload.namespace);
  const selected = own.filter((sidecar) => {
    const labels = labelsAt(sidecar.spec, 'workloadSelector', 'labels');
    return Object.keys(labels).length > 0 && hasLabels(workload.labels, labels);
  });
  const levels = [
    selected,
    own.filter(isForAll),
    inventory.inNamespace('Sidecar', inventory.settings.rootNamespace).filter(isForAll),
  ];
  for (const [first, ...conflicting] of levels)
    if (first !== undefined) return { sidecar: first, conflicting };
  return { sidecar: undefined, conflicting: [] };
}

/** Whether a Sidecar is for all pods of its namespace. */
export function isForAll(sidecar: Resource): boolean {
  return Object.keys(labelsAt(sidecar.spec, 'workloadSelector', 'labels')).length === 0;
}

/** What a Sidecar says about names it does not know; an empty block, or one without mode, means REGISTRY_ONLY. */
export function outboundMode(sidecar: Resource): 'ALLOW_ANY' | 'REGISTRY_ONLY' | undefined {
  const policy = sidecar.spec.outboundTrafficPolicy;
  if (!isObject(policy)) return undefined;
  return stringAt(policy, 'mode') === 'ALLOW_ANY' ? 'ALLOW_ANY' : 'REGISTRY_ONLY';
}
