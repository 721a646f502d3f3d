import type { JsonValue, YamlPath } from './json.ts';

/** One change of a YAML document, by path. Applied byte-exactly by `src/yaml`. */
export type YamlEdit =
  /** Replaces the value, or inserts it; missing parent maps are made. */
  | { readonly op: 'set'; readonly path: YamlPath; readonly value: JsonValue }
  /** Removes the entry; with `pruneEmpty`, also the maps that become empty by it. */
  | { readonly op: 'delete'; readonly path: YamlPath; readonly pruneEmpty?: boolean }
  /** Adds an item to the list at `path`; the list is made when absent. */
  | { readonly op: 'append'; readonly path: YamlPath; readonly value: JsonValue };
