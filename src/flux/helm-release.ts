import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils';
import {
  listAt,
  objectAt,
  stringAt,
  stringsAt,
  valueAt,
  type JsonObject,
  type JsonValue,
} from '../model/json.ts';
import type { BuiltObject, SourceReference } from './flux-object.ts';

/** A HelmRelease as its build gives it, in the words of helm-controller.
 *  @see https://fluxcd.io/flux/components/helm/helmreleases/ */
export interface HelmRelease extends BuiltObject {
  readonly name: string;
  readonly namespace: string;
  readonly spec: JsonObject;
  /** What Helm calls it: at most 53 characters. */
  readonly releaseName: string;
  /** Where objects go that say no namespace. */
  readonly releaseNamespace: string;
  /** Where Helm keeps its record of the release; no object of the chart is there for that. */
  readonly storageNamespace: string;
  /** Whether Helm makes the release's namespace where there is none, with the label `name` alone. */
  readonly createsNamespace: boolean;
  readonly isSuspended: boolean;
  /** Whether it is installed on another cluster. */
  readonly isElsewhere: boolean;
  readonly chart: ChartReference;
  readonly dependsOn: readonly { readonly namespace: string; readonly name: string }[];
}

/** How a HelmRelease names its chart. */
type ChartReference =
  | ({ readonly kind: 'template' } & ChartTemplate)
  | { readonly kind: 'reference'; readonly to: SourceReference }
  | { readonly kind: 'none'; readonly why: string };

/** A chart of a source, as HelmReleases and HelmCharts have it. */
export interface ChartTemplate {
  /** Its name in a Helm repository, or its path in a Git repository. */
  readonly chart: string;
  readonly version: string | undefined;
  readonly source: SourceReference;
  readonly valuesFiles: readonly string[];
  readonly ignoresMissingValuesFiles: boolean;
}

/** @returns undefined: it is something else. All versions of the API, v2beta1 to v2, are read in the same way: each field
 *  that two of them have means the same */
export function helmRelease({ repository, manifest }: BuiltObject): HelmRelease | undefined {
  const { group, kind, built, builtName: name, builtNamespace: namespace = '' } = manifest;
  if (group !== 'helm.toolkit.fluxcd.io' || kind !== 'HelmRelease') return undefined;
  const spec = objectAt(built, 'spec');
  const target = textAt(spec, 'targetNamespace');
  const releaseName = textAt(spec, 'releaseName') ?? (target === undefined ? name : `${target}-${name}`);
  return {
    repository,
    manifest,
    name,
    namespace,
    spec,
    releaseName: shortenedName(releaseName),
    releaseNamespace: target ?? namespace,
    storageNamespace: textAt(spec, 'storageNamespace') ?? namespace,
    createsNamespace: target !== undefined && valueAt(spec, 'install', 'createNamespace') === true,
    isSuspended: spec.suspend === true,
    isElsewhere: valueAt(spec, 'kubeConfig') !== undefined,
    chart: chartReference(spec, namespace),
    dependsOn: listAt(spec, 'dependsOn').map((each) => ({
      namespace: textAt(each, 'namespace') ?? namespace,
      name: stringAt(each, 'name') ?? '',
    })),
  };
}

/** The chart of a HelmChart object. */
export function chartOfHelmChart({ manifest }: BuiltObject): ChartTemplate {
  return chartTemplate(objectAt(manifest.built, 'spec'), manifest.builtNamespace ?? '');
}

function chartReference(spec: JsonObject, namespace: string): ChartReference {
  const template = valueAt(spec, 'chart', 'spec');
  const reference = valueAt(spec, 'chartRef');
  // The API server takes exactly one of them.
  if (template !== undefined && reference !== undefined)
    return { kind: 'none', why: 'it names both chart and chartRef' };
  if (template !== undefined)
    return { kind: 'template', ...chartTemplate(objectAt(spec, 'chart', 'spec'), namespace) };
  return reference === undefined
    ? { kind: 'none', why: 'it names no chart' }
    : { kind: 'reference', to: sourceAt(reference, namespace) };
}

function chartTemplate(spec: JsonObject, namespace: string): ChartTemplate {
  // Only v2beta1 has the singular.
  const first = textAt(spec, 'valuesFile');
  return {
    chart: stringAt(spec, 'chart') ?? '',
    version: textAt(spec, 'version'),
    source: sourceAt(valueAt(spec, 'sourceRef'), namespace),
    valuesFiles: [...(first === undefined ? [] : [first]), ...stringsAt(spec, 'valuesFiles')],
    ignoresMissingValuesFiles: spec.ignoreMissingValuesFiles === true,
  };
}

function sourceAt(value: JsonValue | undefined, namespace: string): SourceReference {
  return {
    kind: stringAt(value, 'kind') ?? '',
    namespace: textAt(value, 'namespace') ?? namespace,
    name: stringAt(value, 'name') ?? '',
  };
}

/** An empty text is one that is not set. */
function textAt(value: JsonValue | undefined, name: string): string | undefined {
  const text = stringAt(value, name);
  return text === '' ? undefined : text;
}

/** Helm's names have 53 characters at most: longer ones are cut and get a part of their digest.
 *  @see https://github.com/fluxcd/helm-controller/blob/main/internal/release/name.go */
function shortenedName(name: string): string {
  if (utf8ToBytes(name).length <= 53) return name;
  return `${name.slice(0, 40)}-${bytesToHex(sha256(utf8ToBytes(name))).slice(0, 12)}`;
}
