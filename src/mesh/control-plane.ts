import { keyOf } from '../model/key-of.ts';
import { objectAt, stringAt, valueAt, type JsonObject, type YamlPath } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { documentValues } from '../yaml/documents.ts';
import type { Inventory } from './inventory.ts';

const charts = ['base', 'istiod', 'gateway', 'cni', 'ztunnel'] as const;

/** One of Istio's own charts, or all of them for an IstioOperator. */
type IstioChart = (typeof charts)[number] | 'operator';

/** Something that installs a part of Istio. */
export interface IstioRelease {
  readonly resource: Resource;
  readonly chart: IstioChart;
  /** Version of the chart as written; undefined: written somewhere else, or any. */
  readonly version: string | undefined;
  /** Whether an OCIRepository carries the version. */
  readonly isVersionElsewhere: boolean;
  /** Where it is written, or what leads there. */
  readonly versionPath: YamlPath;
  readonly values: JsonObject;
  readonly valuesPath: YamlPath;
  /** Whether some values come from elsewhere, so that what is missing here may be there. */
  readonly hasMoreValues: boolean;
}

/** Flux's releases of Istio's charts, and IstioOperators. */
export function istioReleases(inventory: Inventory): readonly IstioRelease[] {
  return inventory.once(computeReleases);
}

function computeReleases(inventory: Inventory) {
  return [
    ...releasesOf(inventory),
    ...inventory.of('IstioOperator').map((resource): IstioRelease => ({
      resource,
      chart: 'operator',
      version: stringAt(resource.spec, 'tag'),
      isVersionElsewhere: false,
      versionPath: ['spec', 'tag'],
      values: objectAt(resource.spec, 'values'),
      valuesPath: ['spec', 'values'],
      hasMoreValues: false,
    })),
  ];
}

function releasesOf(inventory: Inventory): readonly IstioRelease[] {
  const sources = chartSources(inventory);
  return inventory.of('HelmRelease').flatMap((resource) => releaseOf(resource, sources));
}

/** Flux's OCIRepositories, which carry the version of the one chart they are for, by namespace and name. */
function chartSources({ resources }: Inventory): ReadonlyMap<string, Resource> {
  return new Map(
    resources
      .filter(({ kind, group }) => kind === 'OCIRepository' && group === 'source.toolkit.fluxcd.io')
      .map((each) => [keyOf(each.namespace, each.name), each]),
  );
}

function releaseOf(resource: Resource, sources: ReadonlyMap<string, Resource>): readonly IstioRelease[] {
  const { spec, name, namespace } = resource;
  const named = stringAt(spec, 'chart', 'spec', 'chart');
  const said = named ?? stringAt(spec, 'chartRef', 'name') ?? '';
  const chart = charts.find((each) => said === each || said.endsWith(`/${each}`) || said === `istio-${each}`);
  if (chart === undefined) return [];
  // "base", "cni" and "gateway" are names of others' charts too.
  const source = stringAt(spec, 'chart', 'spec', 'sourceRef', 'name') ?? '';
  const isIstio =
    chart === 'istiod' ||
    chart === 'ztunnel' ||
    [said, source, name, namespace].some((each) => each.includes('istio'));
  if (!isIstio) return [];
  const repository = sources.get(keyOf(stringAt(spec, 'chartRef', 'namespace') ?? namespace, said));
  return [
    {
      resource,
      chart,
      version:
        named === undefined
          ? (stringAt(repository?.spec, 'ref', 'tag') ?? stringAt(repository?.spec, 'ref', 'semver'))
          : stringAt(spec, 'chart', 'spec', 'version'),
      isVersionElsewhere: named === undefined,
      versionPath: named === undefined ? ['spec', 'chartRef', 'name'] : ['spec', 'chart', 'spec', 'version'],
      values: objectAt(spec, 'values'),
      valuesPath: ['spec', 'values'],
      hasMoreValues: valueAt(spec, 'valuesFrom') !== undefined,
    },
  ];
}

/** Whether Istio's CNI plug-in is there, so that pods need no rights of their own; undefined: nothing that would install
 *  it was read. */
export function hasIstioCni(inventory: Inventory): boolean | undefined {
  return inventory.once(computeCni);
}

function computeCni(inventory: Inventory) {
  const releases = istioReleases(inventory);
  const isThere =
    releases.some(({ chart }) => chart === 'cni') ||
    inventory.of('DaemonSet').some(({ name }) => name.startsWith('istio-cni')) ||
    releases.some(
      ({ resource, values }) =>
        valueAt(resource.spec, 'components', 'cni', 'enabled') === true ||
        ['cni', 'istio_cni'].some((key) => valueAt(values, key, 'enabled') === true) ||
        valueAt(values, 'pilot', 'cni', 'enabled') === true ||
        ['ambient', 'openshift', 'openshift-ambient'].includes(stringAt(resource.spec, 'profile') ?? ''),
    );
  if (isThere) return true;
  const control = releases.filter(({ chart }) => chart === 'istiod' || chart === 'operator');
  return control.length === 0 || control.some(({ hasMoreValues }) => hasMoreValues) ? undefined : false;
}

/** The object that makes the injector take every namespace that does not refuse. */
export function injectsEverywhere(inventory: Inventory): Resource | undefined {
  return inventory.once(computeEverywhere);
}

function computeEverywhere(inventory: Inventory) {
  const release = istioReleases(inventory).find(({ values }) => saysEverywhere(values));
  if (release !== undefined) return release.resource;
  return inventory.of('ConfigMap').find(({ name, value }) => {
    if (!name.startsWith('istio-sidecar-injector')) return false;
    const [values] = documentValues(stringAt(value, 'data', 'values') ?? '');
    return saysEverywhere(objectAt(values));
  });
}

function saysEverywhere(values: JsonObject): boolean {
  return valueAt(values, 'sidecarInjectorWebhook', 'enableNamespacesByDefault') === true;
}

/** Major and minor of a version or an image tag: `1.30` of `1.30.3-distroless`; undefined for a range, a placeholder, a
 *  development build. */
export function minorOf(version: string | undefined): string | undefined {
  const [, major, minor] = /^v?(\d{1,3})\.(\d{1,4})\.\d{1,4}(?:[-+].*)?$/.exec(version ?? '') ?? [];
  return major === undefined || minor === undefined ? undefined : `${major}.${minor}`;
}

/** Negative when `one` is older than `other`; both as `minorOf` gives them. */
export function compareMinors(one: string, other: string): number {
  const [major = 0, minor = 0] = one.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major - otherMajor || minor - otherMinor;
}
