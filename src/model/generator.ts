import type { YamlEdit } from './edit.ts';
import type { CallerSpec, ClusterSpec, ClusterStage, NamespaceSpec, ServiceSpec, Stage } from './fleet.ts';
import type { JsonObject } from './json.ts';
import type { KustomizeTree, Manifest } from './manifest.ts';
import type { Problem } from './problem.ts';

/** A service as its repository finally builds it: names after prefixes and suffixes, pod labels, container ports. */
export interface BoundService extends ServiceSpec {
  /** `catalog.shop.svc.cluster.local` */
  readonly host: string;
  /** Name of the VirtualService the bundle brings where none exists. */
  readonly virtualServiceName: string;
  readonly callers: readonly BoundCaller[];
  /** Labels of the pods behind it, one set each: those of its selector, and of pods that a controller makes and Git does not
   *  show. */
  readonly pods: readonly Readonly<Record<string, string>>[];
  /** Whose its routes are, and whether what is behind them has sidecars: a controller writes them; its endpoints are set by
   *  hand and may be outside the mesh; some of its pods refuse the sidecar; else they are ours and people's. */
  readonly routes: 'ours' | 'of a controller' | 'to endpoints set by hand' | 'to pods without a sidecar';
}

export interface BoundCaller extends CallerSpec {
  /** Container ports it may reach; undefined: not known, so not restricted. */
  readonly targetPorts: readonly number[] | undefined;
}

/** Requests that the namespace's own manifests let in, and a policy for all of its pods would refuse. */
export interface Admission {
  /** Of the policy. */
  readonly name: string;
  /** `gateway`: to pods that a Gateway selects; `route`: what these send on; `peers`: among the pods of one StatefulSet; the
   *  others: callers without a mesh identity, in plaintext too, by the way they come. */
  readonly why: 'gateway' | 'route' | 'peers' | OpenWay;
  readonly selector: Readonly<Record<string, string>>;
  /** Who is let in; undefined: anyone. */
  readonly account: { readonly namespace: string; readonly serviceAccount: string } | undefined;
  /** Of the containers; empty: any. */
  readonly ports: readonly number[];
  /** Of requests to read; empty: any request. */
  readonly paths: readonly string[];
}

/** Ways of callers that have no mesh identity. */
export type OpenWay = 'network' | 'host-port' | 'api-server' | 'scrape' | 'probe' | 'ingress';

export interface BoundSpec extends NamespaceSpec {
  readonly admissions: readonly Admission[];
  /** Whether the shared gateway routes requests to the namespace, by the fleet or by its own manifests. */
  readonly isRoutedByGateway: boolean;
  /** What goes before the name of each owned file: `shop-` in a directory that other namespaces share. */
  readonly filePrefix: string;
  readonly services: readonly BoundService[];
}

/** How a generated file joins the build. */
export type FileRole =
  | { readonly kind: 'resource' }
  /** A strategic merge patch over every object the selector finds. */
  | { readonly kind: 'patch'; readonly target: JsonObject };

/** What happens to one object. */
export type ReconcileAction =
  /** Nobody does this yet: the document `index` of the rendered file is added. */
  | { readonly do: 'add'; readonly index: number }
  /** An existing object changes; paths are relative to the object. */
  | {
      readonly do: 'edit';
      readonly manifest: Manifest;
      readonly edits: readonly YamlEdit[];
      readonly why: string;
    };

/** What a generator makes of a repository that has something already. What needs nothing has no step. */
export interface Reconciliation {
  readonly actions: readonly ReconcileAction[];
  readonly problems: readonly Problem[];
}

/** One file of a namespace's bundle. Pure: the same spec and tree give the same answer.
 *  @typeParam View  what its template sees */
export interface Generator<View = unknown> {
  readonly id: string;
  /** For people: what the file is for at this stage, half a sentence. */
  why(stage: Stage): string;
  /** The file it writes where nothing does the job yet; undefined: it only edits. */
  readonly owned?: {
    /** File name in the target's directory. */
    readonly file: string;
    readonly template: string;
    readonly role: FileRole;
    /** undefined: this target needs no such file. */
    view(spec: BoundSpec): View | undefined;
  };
  /** Compares the rendered documents with what the directory builds today.
   *  @param wanted  the values of the rendered documents, in order; empty when the view is undefined */
  reconcile(wanted: readonly JsonObject[], spec: BoundSpec, tree: KustomizeTree): Reconciliation;
}

/** The directories of a cluster's bundle, in the order Flux gets through them. All but the last three are shared by the
 *  clusters of a repository. */
export type ClusterPart =
  'controllers' | 'istiod' | 'gateway' | 'config' | 'ingress' | 'cluster-config' | 'namespaces' | 'cluster';

/** One file of a cluster's bundle, written whole, or an edit of what the directory has. */
export interface ClusterGenerator<View = unknown> {
  readonly id: string;
  readonly part: ClusterPart;
  why(stage: ClusterStage): string;
  readonly owned?: {
    readonly file: string;
    readonly template: string;
    readonly role: FileRole;
    /** undefined: this cluster needs no such file. */
    view(spec: ClusterSpec): View | undefined;
  };
  /** What else it wants; undefined: each rendered object is added, or the one there brought to what it says. */
  reconcile?(spec: ClusterSpec, tree: KustomizeTree): Reconciliation;
}
