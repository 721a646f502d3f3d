import type { YamlPath } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';

/** Who makes a call, as its proxy is configured. */
export interface Client {
  readonly namespace: string;
  /** Of its pod. */
  readonly labels: Readonly<Record<string, string>>;
  /** Sidecar objects never apply to gateways. */
  readonly isGateway: boolean;
}

/** The part of an object that decides something. */
export interface Deciding {
  readonly resource: Resource;
  readonly path: YamlPath;
}

/** What a proxy needs to know of a destination. */
export interface Destination {
  /** Its full name in the mesh. */
  readonly host: string;
  readonly namespace: string;
  /** As written; empty: to all. */
  readonly exportTo: readonly string[];
}
