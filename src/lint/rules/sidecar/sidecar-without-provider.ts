import { listAt, stringAt } from '../../../model/json.ts';
import { describeResource, type Resource } from '../../../model/resource.ts';
import { egressHosts, isForAll, takesIn } from '../../../mesh/egress.ts';
import { serviceInHost } from '../../../k8s/host.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { defaultTracing, extensionProviders, type ExtensionProvider } from '../../../mesh/mesh-config.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'sidecar-without-provider',
  severity: 'warning',
  kinds: ['Sidecar', 'Telemetry', 'AuthorizationPolicy', 'HelmRelease', 'IstioOperator', 'ConfigMap'],
  summary: 'a Sidecar that omits the service of a tracing or authorization provider',
  why: "Proxies reach providers like any other service: if the Sidecar does not list it, there is no Envoy cluster for it. Spans are silently dropped. A CUSTOM policy can't reach its provider and denies every request; the severity is then error. The rule uses the providers in the mesh configuration that was read, and the Telemetry and AuthorizationPolicy objects that refer to them.",
  fix: "Add the provider's service to the egress hosts.",
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener',
    'https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ExtensionProvider',
  ],
  *check(inventory) {
    const providers = extensionProviders(inventory);
    if (providers.size === 0) return;
    for (const resource of inventory.of('Sidecar')) {
      const hosts = egressHosts(resource);
      if (hosts === undefined) continue;
      for (const { name, isDecisive, by } of usesIn(resource, inventory)) {
        const provider = providers.get(name);
        const target = provider === undefined ? undefined : serviceOf(provider, inventory);
        if (target === undefined) continue;
        if (hosts.some((each) => !each.isExclusion && takesIn(each, resource.namespace, target))) continue;
        yield {
          resource,
          path: ['spec', 'egress'],
          at: 'key',
          message: `No egress host includes ${target.host}, the provider "${name}" of ${by}: ${isDecisive ? 'its checks fail, and requests are denied' : 'spans are lost'}.`,
          fix: `Add ${target.namespace}/${target.host} to the egress hosts.`,
          ...(isDecisive && { severity: 'error' }),
        };
      }
    }
  },
});

interface ProviderUse {
  readonly name: string;
  /** Whether requests are denied without it. */
  readonly isDecisive: boolean;
  readonly by: string;
}

/** The providers that pods of a Sidecar's namespace use, each once. */
function usesIn(sidecar: Resource, inventory: Inventory): Iterable<ProviderUse> {
  const { namespace } = sidecar;
  const { rootNamespace } = inventory.settings;
  // A mesh-wide Sidecar is judged by what is mesh-wide.
  const namespaces = namespace === rootNamespace ? [namespace] : [namespace, rootNamespace];
  const found = new Map<string, ProviderUse>();
  for (const each of namespaces) {
    for (const policy of inventory.inNamespace('AuthorizationPolicy', each)) {
      const name = stringAt(policy.spec, 'provider', 'name');
      if (stringAt(policy.spec, 'action') === 'CUSTOM' && name !== undefined && !isNarrow(policy, sidecar))
        found.set(name, { name, isDecisive: true, by: describeResource(policy) });
    }
    for (const telemetry of inventory.inNamespace('Telemetry', each))
      for (const name of tracingOf(telemetry))
        if (!found.has(name) && !isNarrow(telemetry, sidecar))
          found.set(name, { name, isDecisive: false, by: describeResource(telemetry) });
  }
  for (const name of defaultTracing(inventory))
    if (!found.has(name)) found.set(name, { name, isDecisive: false, by: 'the mesh configuration' });
  return found.values();
}

/** Whether an object is for some pods only, and it is not known that the Sidecar's are among them. */
function isNarrow({ spec }: Resource, sidecar: Resource): boolean {
  const chooses = ['selector', 'targetRef', 'targetRefs'].some((key) => spec[key] !== undefined);
  return chooses && !isForAll(sidecar);
}

function tracingOf({ spec }: Resource): readonly string[] {
  return listAt(spec, 'tracing')
    .filter((each) => !isSwitchedOff(each))
    .flatMap((each) => listAt(each, 'providers').flatMap((provider) => stringAt(provider, 'name') ?? []));
}

function isSwitchedOff(tracing: unknown): boolean {
  return typeof tracing === 'object' && tracing !== null && 'disableSpanReporting' in tracing
    ? tracing.disableSpanReporting === true
    : false;
}

function serviceOf({ service }: ExtensionProvider, inventory: Inventory) {
  const { clusterDomain } = inventory.settings;
  if (service === undefined) return undefined;
  const named = serviceInHost(service, clusterDomain);
  const [entry] = inventory.entriesAt(service);
  const known = inventory.serviceAt(service) ?? entry;
  const namespace =
    known?.namespace ?? (service.endsWith(`.svc.${clusterDomain}`) ? named?.namespace : undefined);
  if (namespace === undefined) return undefined;
  return { host: service, namespace, exportTo: known?.exportTo ?? [] };
}
