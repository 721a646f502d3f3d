import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils';
import type { ChartAnswer, ChartFolder, ChartRequest, RemoteChart } from '../model/charts.ts';
import { pathInSource } from '../k8s/flux-kustomization.ts';
import type { YamlPath } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';
import type { CustomKinds } from './api-versions.ts';
import type { ChartFiles } from './chart-files.ts';
import { chartPlace } from './chart-place.ts';
import type { BuiltObject } from './flux-object.ts';
import type { ChartTemplate, HelmRelease } from './helm-release.ts';
import { chartValues, type ChartValues } from './helm-values.ts';
import { renderedObjects } from './rendered-objects.ts';

/** What a release is built from. */
export interface ReleaseSetting {
  /** Flux' sources by their keys. */
  readonly sources: ReadonlyMap<string, BuiltObject>;
  /** All objects of the cluster. */
  readonly manifests: readonly Manifest[];
  readonly kinds: CustomKinds;
  readonly kubernetesVersion: string;
  /** The files of a chart in Git, or why they are not known.
   *  @param source  as Git shows it */
  chartIn(template: ChartTemplate, source: BuiltObject | undefined, path: RepoPath): ChartInGit;
}

/** A chart with the repository that it is in. */
export type ChartInGit = ChartFiles & { readonly repository?: RepositoryId };

/** What became of a HelmRelease. */
export interface ReleaseResult {
  readonly state: 'built' | 'frozen' | 'failed' | 'unknown';
  readonly why: string | undefined;
  readonly manifests: readonly Manifest[];
  /** Files of the chart's repository. */
  readonly reads: { readonly repository: RepositoryId; readonly paths: readonly RepoPath[] } | undefined;
  readonly problems: readonly Problem[];
}

/** A result, or what it takes to have one. */
export type ReleaseAttempt =
  | { readonly result: ReleaseResult; readonly request?: never }
  | {
      readonly result?: never;
      readonly request: ChartRequest;
      /** What else the result depends on, beside request and answer. */
      readonly key: string;
      finish(answer: ChartAnswer): ReleaseResult;
    };

/** What helm-controller makes of a HelmRelease, as far as Git, and whoever renders charts, show it. */
export function releaseBuild(release: HelmRelease, setting: ReleaseSetting): ReleaseAttempt {
  const not = (state: 'frozen' | 'failed' | 'unknown', why: string, path: YamlPath) => ({
    result: unbuilt(release, state, { why, path }),
  });
  if (release.isSuspended)
    return not('frozen', 'it is suspended, so the cluster keeps what it had before', ['spec', 'suspend']);
  if (release.isElsewhere) return { result: elsewhere(release) };
  const named = [release.releaseName, release.releaseNamespace].find((name) => !isName(name));
  if (named !== undefined)
    return not('unknown', `${JSON.stringify(named)} is not a name`, ['metadata', 'name']);
  const place = chartPlace(release, setting.sources);
  if (place.kind === 'remote') return attempt(release, setting, place.chart, undefined);
  if (place.kind !== 'folder') return not(place.kind, place.why, place.path);
  const path: YamlPath = ['spec', release.chart.kind === 'reference' ? 'chartRef' : 'chart'];
  const directory = pathInSource(place.template.chart);
  const chart = setting.chartIn(place.template, place.source, directory);
  if (chart.files === undefined) return not(chart.kind, chart.why, path);
  const { repository, reads: paths } = chart;
  return attempt(
    release,
    setting,
    { kind: 'folder', files: chart.files },
    repository === undefined ? undefined : { repository, paths },
  );
}

function attempt(
  release: HelmRelease,
  setting: ReleaseSetting,
  chart: ChartFolder | RemoteChart,
  reads: ReleaseResult['reads'],
): ReleaseAttempt {
  const values = chartValues(release.manifest, setting.manifests);
  const [refused] = values.refused;
  if (refused !== undefined) return { result: unbuilt(release, 'failed', refused) };
  const { kinds } = setting;
  return {
    request: requestOf(release, setting, chart, values),
    key: JSON.stringify([values.unknown, kinds.apiVersions]),
    finish(answer) {
      if (answer.kind !== 'rendered')
        return unbuilt(release, answer.kind === 'failed' ? 'failed' : 'unknown', {
          ...answer,
          path: ['spec'],
        });
      const { manifests, why } = renderedObjects(answer.text, release, (group, kind) =>
        kinds.isOfCluster(group, kind),
      );
      return manifests === undefined
        ? unbuilt(release, 'failed', { why, path: ['spec'] })
        : { state: 'built', why: undefined, manifests, reads, problems: partlyUnknown(release, values) };
    },
  };
}

/** Charts ask the cluster which kinds it has; those that do not are the same on all. */
function requestOf(
  release: HelmRelease,
  { kinds, kubernetesVersion }: ReleaseSetting,
  chart: ChartFolder | RemoteChart,
  { values }: ChartValues,
): ChartRequest {
  const asks =
    chart.kind === 'remote' || [...chart.files.values()].some((text) => text.includes('APIVersions'));
  const parts = {
    releaseName: release.releaseName,
    namespace: release.releaseNamespace,
    values,
    kubernetesVersion,
    apiVersions: asks ? kinds.apiVersions : [],
  };
  const content = chart.kind === 'remote' ? chart : digestOf(chart);
  return { key: digest(JSON.stringify([parts, content])), chart, ...parts };
}

/** By the map, which is the same as long as the chart is. */
const digests = new WeakMap<ChartFolder['files'], string>();

function digestOf({ files }: ChartFolder): string {
  const known = digests.get(files) ?? digest(JSON.stringify([...files]));
  digests.set(files, known);
  return known;
}

function digest(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** Of Helm and of Kubernetes; a variable that is not filled in is none. */
function isName(text: string): boolean {
  return /^[a-z0-9](?:[-.a-z0-9]{0,61}[a-z0-9])?$/.test(text);
}

interface ReleaseReason {
  readonly why: string;
  readonly path: YamlPath;
  readonly fix?: string;
}

const said = {
  frozen: {
    rule: 'helm-release-suspended',
    fix: 'Resume it in Git; until then count on what it installed last',
  },
  failed: { rule: 'helm-release-failed', fix: 'Correct it' },
  unknown: { rule: 'helm-release-unknown', fix: 'Put its chart where it can be read' },
} as const;

/** One warning says what is not known of a release, why, and what to say instead. */
function unbuilt(
  release: HelmRelease,
  state: 'frozen' | 'failed' | 'unknown',
  { why, path, fix }: ReleaseReason,
): ReleaseResult {
  const { rule, fix: usual } = said[state];
  return {
    state,
    why,
    manifests: [],
    reads: undefined,
    problems: [
      problemOf(release, path, {
        rule,
        severity: 'warning',
        message: `What ${nameOf(release)} brings to namespace "${release.releaseNamespace}" is not known: ${why}. Workloads, their labels, accounts and ports, and Services of its chart are missing from what is checked.`,
        fix: `${(fix ?? usual).replace(/\.$/, '')}, or declare the services of "${release.releaseNamespace}" with selector, ports, serviceAccount and callers in fleet.yaml.`,
      }),
    ],
  };
}

function elsewhere(release: HelmRelease): ReleaseResult {
  return {
    state: 'built',
    why: undefined,
    manifests: [],
    reads: undefined,
    problems: [
      problemOf(release, ['spec', 'kubeConfig'], {
        rule: 'helm-release-elsewhere',
        severity: 'info',
        message: `${nameOf(release)} installs on another cluster (kubeConfig), so its chart is no part of this one.`,
      }),
    ],
  };
}

function partlyUnknown(release: HelmRelease, { unknown }: ChartValues): readonly Problem[] {
  const [first] = unknown;
  if (first === undefined) return [];
  const all = unknown.map(({ from, targetPath }) =>
    targetPath === undefined ? from : `${from} (${targetPath})`,
  );
  return [
    problemOf(release, first.path, {
      rule: 'helm-values-unknown',
      severity: 'warning',
      message: `${nameOf(release)} takes values from what Git does not show: ${all.join('; ')}. Its chart was rendered without them, so what they change is not known.`,
      fix: 'Make sure that they change neither names, labels, accounts nor ports, or declare these in fleet.yaml.',
    }),
  ];
}

function problemOf(release: HelmRelease, path: YamlPath, problem: Problem): Problem {
  return { ...problem, repository: release.repository, ...release.manifest.locationOf(path) };
}

function nameOf({ namespace, name }: HelmRelease): string {
  return `HelmRelease ${namespace}/${name}`;
}
