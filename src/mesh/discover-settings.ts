import { parseGoBool } from '../k8s/istio-boolean.ts';
import {
  isObject,
  listAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonObject,
  type JsonValue,
} from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { documentValues } from '../yaml/documents.ts';
import { hasPlaceholder } from './placeholder.ts';
import { declareSettings, type MeshSettings } from './settings.ts';

/** What manifests say about the mesh: the values of Helm releases of the istiod chart, IstioOperators, and the ConfigMap
 *  that istiod reads. Later ones win; a value that is still a `${placeholder}` says nothing.
 *  @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ */
export function discoverSettings(resources: readonly Resource[], defaults: MeshSettings): MeshSettings {
  let settings = defaults;
  const alternatives = alternativesAmong(resources);
  for (const resource of resources) {
    const { known, name, spec, value } = resource;
    if (known === 'HelmRelease') settings = ofRelease(resource, settings);
    else if (known === 'IstioOperator') {
      const values = objectAt(spec, 'values');
      if (!alternatives.has(resource)) settings = ofMeshConfig(objectAt(spec, 'meshConfig'), settings);
      settings = ofValues(values, stringAt(spec, 'revision'), settings);
      settings = declareSettings(settings, version(stringAt(spec, 'tag')));
    } else if (known === 'ConfigMap' && (name === 'istio' || name.startsWith('istio-'))) {
      const text = stringAt(value, 'data', 'mesh');
      const [config] = text === undefined ? [] : documentValues(text);
      if (isObject(config)) settings = ofMeshConfig(config, settings);
    }
  }
  const { revisions } = settings;
  if (revisions === undefined) return settings;
  return declareSettings(settings, { revisions: [...new Set([...revisions, ...tagsIn(resources)])] });
}

/** IstioOperators that configure the mesh of the same revision: samples to choose from, of which none says how it is. */
function alternativesAmong(resources: readonly Resource[]): ReadonlySet<Resource> {
  const configuring = resources.filter(
    ({ known, spec }) => known === 'IstioOperator' && Object.keys(objectAt(spec, 'meshConfig')).length > 0,
  );
  const counts = new Map<string, number>();
  const revisionOf = ({ spec }: Resource): string => stringAt(spec, 'revision') ?? '';
  for (const each of configuring) counts.set(revisionOf(each), (counts.get(revisionOf(each)) ?? 0) + 1);
  return new Set(configuring.filter((each) => (counts.get(revisionOf(each)) ?? 0) > 1));
}

/** Revision tags that were made by themselves: as webhooks, or by the chart that makes a revision the default one. */
function tagsIn(resources: readonly Resource[]): readonly string[] {
  return resources.flatMap(({ known, labels, spec }) => {
    if (known === 'MutatingWebhookConfiguration') return labels['istio.io/tag'] ?? [];
    const chart = stringAt(spec, 'chart', 'spec', 'chart') ?? stringAt(spec, 'chartRef', 'name');
    const isDefault = known === 'HelmRelease' && (chart === 'default' || chart === 'istio-default');
    return isDefault ? ['default'] : [];
  });
}

function ofRelease({ spec }: Resource, settings: MeshSettings): MeshSettings {
  const chart = stringAt(spec, 'chart', 'spec', 'chart') ?? stringAt(spec, 'chartRef', 'name') ?? '';
  if (!/(^|\/|-)istiod$/.test(chart) && stringAt(spec, 'releaseName') !== 'istiod') return settings;
  const values = objectAt(spec, 'values');
  const configured = ofMeshConfig(objectAt(values, 'meshConfig'), settings);
  const released = declareSettings(configured, version(stringAt(spec, 'chart', 'spec', 'version')));
  const hasMoreValues = listAt(spec, 'valuesFrom').length > 0;
  return hasMoreValues ? released : ofValues(values, stringAt(values, 'revision'), released);
}

function ofValues(values: JsonObject, revision: string | undefined, settings: MeshSettings): MeshSettings {
  if (revision !== undefined && hasPlaceholder(revision)) return settings;
  const tags = listAt(values, 'revisionTags').filter((tag) => typeof tag === 'string');
  if (tags.some(hasPlaceholder)) return settings;
  const own = [revision === undefined || revision === '' ? 'default' : revision, ...tags];
  return declareSettings(settings, { revisions: [...new Set([...(settings.revisions ?? []), ...own])] });
}

function ofMeshConfig(config: JsonObject, settings: MeshSettings): MeshSettings {
  const text = (...path: string[]) => {
    const value = stringAt(config, ...path);
    return value === undefined || value === '' || hasPlaceholder(value) ? undefined : value;
  };
  const flag = (value: JsonValue | undefined) => (typeof value === 'boolean' ? value : undefined);
  const outbound = text('outboundTrafficPolicy', 'mode');
  const providers = listAt(config, 'extensionProviders').flatMap((each) => stringAt(each, 'name') ?? []);
  const aliases = listAt(config, 'trustDomainAliases').filter((each) => typeof each === 'string');
  const capture = stringAt(config, 'defaultConfig', 'proxyMetadata', 'ISTIO_META_DNS_CAPTURE');
  return declareSettings(settings, {
    rootNamespace: text('rootNamespace'),
    trustDomain: text('trustDomain'),
    ...(aliases.length > 0 && { trustDomainAliases: aliases }),
    enableAutoMtls: flag(valueAt(config, 'enableAutoMtls')),
    enablePrometheusMerge: flag(valueAt(config, 'enablePrometheusMerge')),
    outboundTrafficPolicy: outbound === 'REGISTRY_ONLY' || outbound === 'ALLOW_ANY' ? outbound : undefined,
    ...(capture !== undefined && { dnsCapture: parseGoBool(capture) === true }),
    ...(Array.isArray(config.extensionProviders) && { providers }),
    ...(Object.keys(config).length > 0 && {
      hasAccessLogging:
        text('accessLogFile') !== undefined ||
        listAt(config, 'defaultProviders', 'accessLogging').length > 0 ||
        valueAt(config, 'enableEnvoyAccessLogService') === true,
    }),
  });
}

function version(text: string | undefined): { readonly istioVersion?: string } {
  const [found] = /^\d+\.\d+\.\d+/.exec(text ?? '') ?? [];
  return found === undefined ? {} : { istioVersion: found };
}
