import type { ClusterStage, Stage } from '../model/fleet.ts';
import type { FileRole, Reconciliation } from '../model/generator.ts';
import type { JsonObject } from '../model/json.ts';
import type { KustomizeTree } from '../model/manifest.ts';
import type { RepoPath, RepositoryId, TargetId } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';

/** A generator with its spec: what it wants of one directory. */
export interface BoundGenerator {
  readonly id: string;
  readonly why: string;
  readonly owned?: OwnedFile;
  reconcile(wanted: readonly JsonObject[], tree: KustomizeTree): Reconciliation;
}

interface OwnedFile {
  /** What goes before the file's name, whoever chose that: where several namespaces share a directory. */
  readonly prefix?: string;
  readonly file: string;
  readonly template: string;
  readonly role: FileRole;
  /** What the template sees; undefined: no such file is needed. */
  readonly view: unknown;
}

/** What is desired of one directory that Flux builds, whether for a namespace or as a part of a cluster. */
export interface DesiredState {
  readonly target: TargetId;
  /** Which lock remembers it: the target's own, or that of a base several clusters share. */
  readonly lock: TargetId;
  readonly stage: Stage | ClusterStage;
  readonly repository: RepositoryId;
  readonly directory: RepoPath;
  readonly siblingDirectories: readonly RepoPath[];
  /** Other directories of the same namespace in this repository: what they build is known when names are bound. */
  readonly otherDirectories: readonly RepoPath[];
  /** Other targets of the fleet whose builds have this very directory. */
  readonly sharedWith: readonly TargetId[];
  /** Whether several builds are to have the directory, as clusters share a base. */
  readonly isCommon: boolean;
  /** Whether a directory that is not there is made; otherwise that is an error. */
  readonly creates: boolean;
  /** Files and templates of every owned file it may ever have. */
  readonly files: readonly { readonly file: string; readonly template: string }[];
  /** The template of a new directory's kustomization file, and whether it is written even without any other file;
   *  undefined: Flux takes every manifest there. */
  readonly kustomization: { readonly template: string; readonly isAlways: boolean } | undefined;
  /** Namespace of what the directory builds, for the kustomization file; undefined: the objects say it. */
  readonly namespace: string | undefined;
  /** How much it matters that people changed what was generated. */
  readonly drift: 'warning' | 'info';
  /** What the fleet declared, for the lock. */
  inputs(): object;
  /** The generators in the names that the directory finally builds.
   *  @param others  what the other directories build */
  bind(
    tree: KustomizeTree,
    others?: readonly KustomizeTree[],
  ): {
    readonly generators: readonly BoundGenerator[];
    readonly problems: readonly Problem[];
  };
  /** What a bundle made without looking at the repository can't know. */
  unrendered(): readonly Problem[];
}

/** What goes before the names of a namespace's files in a directory that others share. */
export function prefixOf(namespace: string): string {
  return `${namespace}-`;
}

/** What an owned file is called: templates may choose another name.
 *  @param chosen  by the template */
export function nameOfOwned(
  { prefix = '', file }: Pick<OwnedFile, 'prefix' | 'file'>,
  chosen: string | undefined,
): string {
  return prefix + (chosen ?? file);
}

/** A generator's own file with what its template sees of a spec. */
export function ownedBy<Spec>(
  owned:
    | (Omit<OwnedFile, 'view'> & {
        view(spec: Spec): unknown;
      })
    | undefined,
  spec: Spec,
): Pick<BoundGenerator, 'owned'> {
  if (owned === undefined) return {};
  const { file, template, role } = owned;
  return { owned: { file, template, role, view: owned.view(spec) } };
}
