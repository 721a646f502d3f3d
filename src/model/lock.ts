import type { ClusterStage, Stage } from './fleet.ts';
import type { JsonObject, JsonValue, YamlPath } from './json.ts';
import type { RepoPath, TargetId } from './named.ts';

/** What Meshwright generated last for a target. It travels with the repository: to tell people's edits from its own,
 *  regeneration needs no network and no old version of the tool. */
export interface Lock {
  readonly target: TargetId;
  /** One for each directory of the target (several when each cluster has its own). */
  readonly directories: readonly DirectoryLock[];
}

export interface DirectoryLock {
  readonly directory: RepoPath;
  readonly stage: Stage | ClusterStage;
  readonly templates: { readonly source: string; readonly version: string };
  /** What the fleet declared. */
  readonly inputs: JsonObject;
  /** Of inputs and templates together: the same digest, the same bundle. */
  readonly digest: string;
  readonly files: readonly LockedFile[];
  readonly edits: readonly LockedEdits[];
}

/** An owned file as it was generated. */
export interface LockedFile {
  readonly generator: string;
  readonly path: RepoPath;
  readonly text: string;
}

/** What was changed in one object of a file that belongs to the app's people. */
export interface LockedEdits {
  readonly path: RepoPath;
  /** Group, kind and name as written; empty for a kustomization file. */
  readonly object: { readonly group: string; readonly kind: string; readonly name: string } | undefined;
  readonly edits: readonly RecordedEdit[];
}

/** An edit with what it takes to undo it. */
export type RecordedEdit =
  | { readonly op: 'set'; readonly path: YamlPath; readonly value: JsonValue; readonly was?: JsonValue }
  | { readonly op: 'delete'; readonly path: YamlPath; readonly was: JsonValue }
  | { readonly op: 'append'; readonly path: YamlPath; readonly value: JsonValue; readonly made: boolean };
