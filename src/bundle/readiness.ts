import type { TemplateSet } from '../model/bundle.ts';
import type { NamespaceSpec } from '../model/fleet.ts';
import { podTemplatePath, sidecarRefusal } from '../k8s/pod-template.ts';
import { valueAt } from '../model/json.ts';
import type { KustomizeTree } from '../model/manifest.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { planNamespaceFile } from './namespace-file.ts';
import { namespaceWish } from './namespace-wish.ts';
import { planOnce } from './once.ts';
import { readTrees } from './reading.ts';
import { rendererOf } from './templates.ts';

/** What a namespace lacks to be enforced, read from its manifests alone: no lock, no declared stage counts. */
export interface Readiness {
  readonly needs: readonly RepoPath[];
  readonly lacks: readonly {
    readonly what: string;
    readonly file?: string | undefined;
    readonly line?: number | undefined;
  }[];
}

/** Compares a repository with what the spec would be at `enforced`.
 *  @param snapshot  of `repository`; ask again with the files of `needs` read */
export function readiness(
  spec: NamespaceSpec,
  repository: RepositoryId,
  snapshot: Snapshot,
  templates: TemplateSet,
): Readiness {
  const enforced: NamespaceSpec = { ...spec, stage: 'enforced', strictClusters: [] };
  const own = spec.repository === repository ? ownReadiness(enforced, snapshot, templates) : nothing;
  const { namespaceManifest } = spec;
  if (namespaceManifest.kind !== 'file' || namespaceManifest.repository !== repository) return own;
  const { needs, plan } = planNamespaceFile(enforced, namespaceManifest.path, snapshot);
  const lacks = [
    ...(plan?.problems ?? []).filter(({ severity }) => severity === 'error').map(asLack),
    ...(plan?.notes ?? []).map(({ file, what, why }) => ({ file, what: `${what} is due (${why})` })),
  ];
  return { needs: [...own.needs, ...needs], lacks: [...own.lacks, ...lacks] };
}

const nothing: Readiness = { needs: [], lacks: [] };

function ownReadiness(spec: NamespaceSpec, snapshot: Snapshot, templates: TemplateSet): Readiness {
  const wish = namespaceWish(spec);
  const renderer = rendererOf(templates);
  const { trees, needs } = readTrees(wish, snapshot, renderer);
  if (trees === undefined) return { needs, lacks: [] };
  if (trees.own.manifests.length === 0)
    return { needs: [], lacks: [{ what: `${spec.directory} builds nothing`, file: spec.directory }] };
  const { notes, problems } = planOnce(wish, snapshot, trees, renderer);
  return {
    needs: [],
    lacks: [
      ...problems.filter(({ severity }) => severity === 'error').map(asLack),
      ...notes.map(({ file, what, why }) => ({ file, what: `${readable(what)} (${why})` })),
      ...withoutSidecar(trees.own),
    ],
  };
}

function asLack({
  message,
  file,
  line,
}: {
  message: string;
  file?: string | undefined;
  line?: number | undefined;
}) {
  return { what: message.replace(/\.$/, ''), file, line };
}

/** `adds Sidecar default` becomes what is missing. */
function readable(what: string): string {
  if (what === 'adds a patch') return 'nothing rolls its workloads';
  return what.replace(/^adds /, 'there is no ').replace(/^changes (.*)$/, '$1 is not as enforced needs it');
}

/** Pods that ask to have none: under STRICT their calls to pods with a sidecar are refused.
 *  @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy */
function withoutSidecar(tree: KustomizeTree): Readiness['lacks'] {
  return tree.manifests.flatMap((manifest) => {
    const template = podTemplatePath(manifest);
    const refusal =
      template === undefined ? undefined : sidecarRefusal(valueAt(manifest.built, ...template) ?? {});
    if (template === undefined || refusal === undefined) return [];
    const why = refusal === 'hostNetwork' ? 'hostNetwork' : 'sidecar.istio.io/inject: "false"';
    const { file, line } = manifest.placeOf(template);
    return [
      { what: `the pods of ${manifest.kind} ${manifest.builtName} have no sidecar (${why})`, file, line },
    ];
  });
}
