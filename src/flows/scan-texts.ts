import { isWrittenFluxKustomization } from '../k8s/flux-kustomization.ts';
import { argoSources, type ArgoSource } from '../k8s/argo-application.ts';
import { stringAt } from '../model/json.ts';
import { listIn } from '../model/list-in.ts';
import { listed } from '../model/listed.ts';
import type { RepoPath } from '../model/named.ts';
import { success, type Outcome, type Problem } from '../model/problem.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';
import { manifestsInFile } from '../kustomize/read-file.ts';
import type { Manifest } from '../model/manifest.ts';
import { readYaml } from '../yaml/read.ts';
import { documentValues } from '../yaml/documents.ts';
import { checkoutOf, readUntil } from './read-until.ts';
import type { LocalCheckout } from './scan-clusters.ts';

/** What the manifests of some checkouts say that nobody builds. */
export interface WrittenObjects {
  /** The files that hold a Namespace, by its name. */
  readonly namespaces: ReadonlyMap<string, readonly WrittenAt[]>;
  readonly kustomizations: readonly (WrittenAt & { readonly path: string })[];
  /** What Argo CD applies. */
  readonly argo: readonly ArgoSource[];
  /** Namespaces and HelmReleases, which show a mesh that is there. */
  readonly manifests: readonly Manifest[];
}

interface WrittenAt {
  readonly repository: string;
  readonly file: RepoPath;
}

/** Reads every YAML file of some checkouts for Namespaces and Flux Kustomizations, as they are written. */
export async function writtenObjects(checkouts: readonly LocalCheckout[]): Promise<Outcome<WrittenObjects>> {
  const namespaces = new Map<string, WrittenAt[]>();
  const kustomizations: (WrittenAt & { path: string })[] = [];
  const argo: ArgoSource[] = [];
  const manifests: Manifest[] = [];
  for (const { repository, tree } of checkouts) {
    const read = await readUntil(checkoutOf(tree), textsIn);
    if (!read.ok) return read;
    for (const [file, text] of read.value.value) {
      const stream = readYaml(text, file);
      if (stream.ok)
        manifests.push(
          ...manifestsInFile(stream.value, file).filter(({ kind }) =>
            /^(?:Namespace|HelmRelease)$/.test(kind),
          ),
        );
      for (const value of documentValues(text)) {
        const at = { repository, file };
        if (isWrittenFluxKustomization(value))
          kustomizations.push({ ...at, path: stringAt(value, 'spec', 'path') ?? '' });
        argo.push(...argoSources(value));
        const name = stringAt(value, 'metadata', 'name');
        if (stringAt(value, 'kind') === 'Namespace' && stringAt(value, 'apiVersion') === 'v1' && name)
          listIn(namespaces, name).push(at);
      }
    }
  }
  return success({ namespaces, kustomizations, argo, manifests });
}

/** Manifests that may be of interest; parsed only where a word of them is there. */
function textsIn(snapshot: Snapshot): Reading<readonly (readonly [RepoPath, string])[]> {
  const paths = [...snapshot.paths].filter((path) => /\.ya?ml$/.test(path)).sort();
  const needs = paths.filter((path) => !snapshot.files.has(path) && !snapshot.unreadable.has(path));
  if (needs.length > 0) return { needs };
  return known(
    paths.flatMap((path) => {
      const text = snapshot.files.get(path) ?? '';
      return /kind: *["']?(?:Kustomization|Namespace|HelmRelease|Application|ApplicationSet)\b/.test(text)
        ? [[path, text] as const]
        : [];
    }),
  );
}

const shown = 3;

/** Why directories are read by themselves, although Flux may build them: no checkout shows where a cluster begins. */
export function notFollowed({ kustomizations }: WrittenObjects): Problem {
  const lost = 'what a namespace is built from, and on which cluster, is not known';
  const [first] = kustomizations;
  if (first === undefined)
    return {
      rule: 'scan-flux-not-followed',
      severity: 'warning',
      message: `Flux was not followed, because no Flux Kustomization was found. Each directory with a kustomization file was taken by itself: ${lost}.`,
      fix: 'Scan the repository that Flux was bootstrapped into as well, or check repository, path and environments of each namespace by hand.',
    };
  const open = kustomizations.filter(({ path }) => /\$\{|\{\{|<[A-Z]/.test(path));
  const why =
    open.length === 0
      ? 'none of them shows where a cluster begins: a gotk-sync.yaml whose path is there, a folder clusters/<name>, or a folder that a Kustomization in it builds'
      : `the path of ${listed(
          open.map(({ file, path }) => `${file} (${path})`),
          shown,
        )} is filled in by a script, not in Git`;
  return {
    rule: 'scan-flux-not-followed',
    severity: 'warning',
    message: `Flux was not followed, although there ${kustomizations.length === 1 ? 'is 1 Flux Kustomization' : `are ${String(kustomizations.length)} Flux Kustomizations`}: ${why}. Each directory with a kustomization file was taken by itself: ${lost}.`,
    fix: 'Scan a checkout that shows a cluster as Flux builds it (clusters/<name> with its Kustomizations filled in), or check repository, path and environments of each namespace by hand.',
    repository: first.repository,
    file: (open[0] ?? first).file,
  };
}

/** What Argo CD applies is named, and not followed. */
export function argoProblem(sources: readonly ArgoSource[]): readonly Problem[] {
  if (sources.length === 0) return [];
  const described = sources.map(({ kind, name, repository, path, namespace }) => {
    const what = path === undefined ? `of ${repository}` : `${path} of ${repository}`;
    return `${kind} ${name} (${what}${namespace === undefined ? '' : `, into ${namespace}`})`;
  });
  return [
    {
      rule: 'scan-argo-not-followed',
      severity: 'warning',
      message: `Argo CD was not followed: ${listed([...new Set(described)], 5)}. Paths, namespaces and values of these are not known from them, and pull requests are written for Flux.`,
      fix: 'Check repository, path and namespaceManifest of their namespaces by hand; a restart that is written as a patch of a kustomization works with Argo CD too.',
    },
  ];
}

/** Environments that the folders of overlays are named after.
 *  @returns in the order of their names, which says nothing of promotion */
export function environmentsOfFolders(directories: readonly string[]): readonly string[] {
  const names = directories.flatMap((directory) => {
    const parts = directory.split('/');
    return parts.flatMap((part, at) =>
      /^(?:overlays?|environments?|envs?|stages?)$/.test(part) ? (parts[at + 1] ?? []) : [],
    );
  });
  return [...new Set(names)].filter((name) => /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(name)).sort();
}

/** Environments that nobody named. */
export function assumedEnvironments(environments: readonly string[], isOfFolders: boolean): Problem {
  return isOfFolders
    ? {
        rule: 'scan-environment-assumed',
        severity: 'warning',
        message: `${environments.length === 1 ? 'The environment' : 'The environments'} ${environments.join(', ')}: these are names of folders of overlays, in alphabetical order. Which clusters they have is not known.`,
        fix: 'Put them in promotion order, and add their clusters, or name them with --environments.',
      }
    : {
        rule: 'scan-environment-assumed',
        severity: 'warning',
        message: `Nothing here names an environment: "${environments.join(', ')}" in fleet.yaml is a placeholder, and its clusters are not known.`,
        fix: 'Name the environments with --environments, and add their clusters.',
      };
}
