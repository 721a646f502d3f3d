import type { RemoteChart } from '../model/charts.ts';
import { objectAt, stringAt, valueAt, type YamlPath } from '../model/json.ts';
import { sourceKey, type BuiltObject, type SourceReference } from './flux-object.ts';
import { chartOfHelmChart, type ChartTemplate, type HelmRelease } from './helm-release.ts';

/** Where a chart comes from. */
export type ChartPlace =
  /** A path of a Git repository. */
  | { readonly kind: 'folder'; readonly template: ChartTemplate; readonly source: BuiltObject | undefined }
  | { readonly kind: 'remote'; readonly chart: RemoteChart }
  | {
      readonly kind: 'unknown' | 'frozen';
      readonly why: string;
      /** What of the HelmRelease says so. */
      readonly path: YamlPath;
    };

/** Follows a HelmRelease to its chart.
 *  @param sources  Flux' sources of the cluster by {@link sourceKey}
 *  @see https://fluxcd.io/flux/components/source/helmcharts/ */
export function chartPlace(release: HelmRelease, sources: ReadonlyMap<string, BuiltObject>): ChartPlace {
  const { chart } = release;
  switch (chart.kind) {
    case 'none':
      return { kind: 'unknown', why: chart.why, path: ['spec'] };
    case 'template':
      return placeOf(chart, sources, ['spec', 'chart', 'spec', 'sourceRef']);
    case 'reference': {
      const path = ['spec', 'chartRef'];
      const object = sources.get(sourceKey(chart.to));
      if (object === undefined) return { kind: 'unknown', why: missing(chart.to), path };
      if (isSuspended(object)) return frozen(chart.to, path);
      if (chart.to.kind === 'HelmChart') return placeOf(chartOfHelmChart(object), sources, path);
      if (chart.to.kind === 'OCIRepository') return artifact(object, chart.to, path);
      return { kind: 'unknown', why: `Git does not show what ${named(chart.to)} holds`, path };
    }
  }
}

function placeOf(
  template: ChartTemplate,
  sources: ReadonlyMap<string, BuiltObject>,
  path: YamlPath,
): ChartPlace {
  const { source: reference, chart: name, version, valuesFiles } = template;
  const source = sources.get(sourceKey(reference));
  if (source !== undefined && isSuspended(source)) return frozen(reference, path);
  if (reference.kind === 'GitRepository') return { kind: 'folder', template, source };
  if (source === undefined) return { kind: 'unknown', why: missing(reference), path };
  const url = stringAt(source.manifest.built, 'spec', 'url')?.replace(/(?<!\/)\/+$/, '') ?? '';
  if (reference.kind !== 'HelmRepository' || url === '')
    return { kind: 'unknown', why: `Git does not show what ${named(reference)} holds`, path };
  const isArtifact = stringAt(source.manifest.built, 'spec', 'type') === 'oci';
  const place = isArtifact ? { url: `${url}/${name}`, name: undefined } : { url, name };
  return remote(source, reference, path, { ...place, version, digest: undefined, valuesFiles });
}

/** An OCIRepository is the chart itself: a digest before a range, a range before a tag. */
function artifact(source: BuiltObject, reference: SourceReference, path: YamlPath): ChartPlace {
  const spec = objectAt(source.manifest.built, 'spec');
  const ref = objectAt(spec, 'ref');
  const texts = (name: string) => {
    const text = stringAt(ref, name);
    return text === '' ? undefined : text;
  };
  if (texts('semverFilter') !== undefined && texts('digest') === undefined)
    return { kind: 'unknown', why: `${named(reference)} chooses among its tags by a filter`, path };
  return remote(source, reference, path, {
    url: stringAt(spec, 'url') ?? '',
    name: undefined,
    version: texts('semver') ?? texts('tag') ?? 'latest',
    digest: texts('digest'),
    valuesFiles: [],
  });
}

function remote(
  source: BuiltObject,
  reference: SourceReference,
  path: YamlPath,
  chart: Omit<RemoteChart, 'kind'>,
): ChartPlace {
  const isInsecure = valueAt(source.manifest.built, 'spec', 'insecure') === true;
  if (isInsecure || !/^(?:https|oci):\/\/[^\s/@]+(?:\/\S*)?$/.test(chart.url))
    return {
      kind: 'unknown',
      why: `${named(reference)} is not at an https:// or oci:// address without credentials: ${chart.url}`,
      path,
    };
  return { kind: 'remote', chart: { kind: 'remote', ...chart } };
}

function isSuspended({ manifest }: BuiltObject): boolean {
  return valueAt(manifest.built, 'spec', 'suspend') === true;
}

function frozen(reference: SourceReference, path: YamlPath): ChartPlace {
  return {
    kind: 'frozen',
    why: `${named(reference)} is suspended, so the cluster keeps the chart that it had`,
    path,
  };
}

function missing(reference: SourceReference): string {
  return `nothing in Git defines ${named(reference)}`;
}

function named({ kind, namespace, name }: SourceReference): string {
  return `${kind} ${namespace}/${name}`;
}
