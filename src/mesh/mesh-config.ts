import { isObject, listAt, objectAt, stringAt, type JsonObject } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { documentValues } from '../yaml/documents.ts';
import type { Inventory } from './inventory.ts';

/** A service that proxies send telemetry to, or ask for permission. */
export interface ExtensionProvider {
  readonly name: string;
  /** `opentelemetry`, `envoyExtAuthzGrpc` … */
  readonly type: string;
  /** Host, without the namespace that may go before it; undefined: it needs no service. */
  readonly service: string | undefined;
}

/** Providers every mesh has.
 *  @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ExtensionProvider */
export const ownProviders: ReadonlySet<string> = new Set(['prometheus', 'stackdriver', 'envoy']);

/** The providers that the mesh's configuration defines, by name. */
export function extensionProviders(inventory: Inventory): ReadonlyMap<string, ExtensionProvider> {
  return inventory.once(computeProviders);
}

function computeProviders(inventory: Inventory) {
  return new Map(
    meshConfigs(inventory)
      .flatMap(providersIn)
      .map((each) => [each.name, each]),
  );
}

/** Names of the providers that trace where no Telemetry says otherwise. */
export function defaultTracing(inventory: Inventory): readonly string[] {
  return meshConfigs(inventory).flatMap((config) =>
    listAt(config, 'defaultProviders', 'tracing').filter((name) => typeof name === 'string'),
  );
}

function meshConfigs(inventory: Inventory): readonly JsonObject[] {
  return inventory.once(computeConfigs);
}

function computeConfigs(inventory: Inventory) {
  return [...inventory.of('HelmRelease'), ...inventory.of('IstioOperator'), ...inventory.of('ConfigMap')]
    .map(meshConfigIn)
    .filter((config) => config !== undefined);
}

/** MeshConfig, as a release of istiod, an IstioOperator, or the ConfigMap that istiod reads, says it. */
function meshConfigIn({ known, name, spec, value }: Resource): JsonObject | undefined {
  if (known === 'HelmRelease') return objectAt(spec, 'values', 'meshConfig');
  if (known === 'IstioOperator') return objectAt(spec, 'meshConfig');
  const text = name === 'istio' || name.startsWith('istio-') ? stringAt(value, 'data', 'mesh') : undefined;
  const [config] = text === undefined ? [] : documentValues(text);
  return isObject(config) ? config : undefined;
}

function providersIn(config: JsonObject): readonly ExtensionProvider[] {
  return listAt(config, 'extensionProviders').flatMap((provider): ExtensionProvider[] => {
    const name = stringAt(provider, 'name');
    const type = Object.keys(objectAt(provider)).find((key) => key !== 'name');
    if (name === undefined || type === undefined) return [];
    const service = stringAt(provider, type, 'service');
    return [{ name, type, service: service?.slice(service.indexOf('/') + 1) }];
  });
}
