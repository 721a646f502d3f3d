import type { JsonObject } from './json.ts';
import type { RepoPath } from './named.ts';

/** A chart to be rendered as helm-controller installs it. Everything that the result depends on is in here. */
export interface ChartRequest {
  /** Equal for requests that say the same. */
  readonly key: string;
  readonly chart: ChartFolder | RemoteChart;
  readonly releaseName: string;
  readonly namespace: string;
  readonly values: JsonObject;
  /** `1.34.0`. */
  readonly kubernetesVersion: string;
  /** What the cluster has beside what every one has: `example.com/v1`, `example.com/v1/Thing`. */
  readonly apiVersions: readonly string[];
}

/** A chart in a repository of the forge, with its dependencies in `charts/`. */
export interface ChartFolder {
  readonly kind: 'folder';
  /** By their path from the chart's folder. */
  readonly files: ReadonlyMap<RepoPath, string>;
}

/** A chart that must be pulled. */
export interface RemoteChart {
  readonly kind: 'remote';
  /** `https://…` of a Helm repository, or `oci://…` of the chart itself. */
  readonly url: string;
  /** Its name in a Helm repository; undefined: the URL is the chart's own. */
  readonly name: string | undefined;
  /** A version, a range or a tag; undefined: the latest. */
  readonly version: string | undefined;
  /** `sha256:…` of an OCI artifact, where it is pinned. */
  readonly digest: string | undefined;
  /** Files in the chart that take the place of its values.yaml, merged in this order; empty: none. */
  readonly valuesFiles: readonly string[];
}

/** What became of a request. */
export type ChartAnswer =
  /** What `helm template` prints. */
  | { readonly kind: 'rendered'; readonly text: string }
  /** The chart does not render: helm-controller does not install it either. */
  | { readonly kind: 'failed'; readonly why: string }
  /** Nobody could try. */
  | { readonly kind: 'impossible'; readonly why: string; readonly fix: string };
