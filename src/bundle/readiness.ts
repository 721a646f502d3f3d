import type { TemplateSet } from '../model/bundle.ts';
import type { NamespaceSpec } from '../model/fleet.ts';
import { podTemplatePath, sidecarRefusal } from '../k8s/pod-template.ts';
import { valueAt } from '../model/json.ts';
import type { KustomizeTree } from '../model/manifest.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';
import type { UnmetPrerequisite } from '../model/waves.ts';
import { planNamespaceFile } from './namespace-file.ts';
import { desiredNamespace } from './desired-namespace.ts';
import type { DesiredState } from './desired-state.ts';
import { planOnce } from './once.ts';
import { readTrees } from './reading.ts';
import { rendererOf } from './templates.ts';

/** The unmet prerequisites of a namespace for stage `enforced`, read from its manifests alone: neither lock nor declared
 *  stage counts. Compares a repository with what the spec would be at `enforced`.
 *  @param snapshot  of `repository`; ask again with the files of `needs` read */
export function readiness(
  spec: NamespaceSpec,
  repository: RepositoryId,
  snapshot: Snapshot,
  templates: TemplateSet,
): Reading<readonly UnmetPrerequisite[]> {
  const enforced: NamespaceSpec = { ...spec, stage: 'enforced', strictClusters: [] };
  const own = spec.repository === repository ? ownReadiness(enforced, snapshot, templates) : known([]);
  const { namespaceManifest } = spec;
  if (namespaceManifest.kind !== 'file' || namespaceManifest.repository !== repository) return own;
  const planning = planNamespaceFile(enforced, namespaceManifest.path, snapshot);
  if (own.value === undefined || planning.value === undefined)
    return { needs: [...own.needs, ...planning.needs] };
  const { problems, notes } = planning.value;
  return known([
    ...own.value,
    ...problems.filter(({ severity }) => severity === 'error').map(asUnmet),
    ...notes.map(({ file, what, why }) => ({ file, what: `${readable(what)} (${why})` })),
  ]);
}

function ownReadiness(
  spec: NamespaceSpec,
  snapshot: Snapshot,
  templates: TemplateSet,
): Reading<readonly UnmetPrerequisite[]> {
  const found: UnmetPrerequisite[] = [];
  const needs: RepoPath[] = [];
  for (const desired of desiredNamespace(spec)) {
    const reading = readinessOf(desired, snapshot, templates);
    needs.push(...reading.needs);
    found.push(...(reading.value ?? []));
  }
  return needs.length > 0 ? { needs } : known(found);
}

function readinessOf(
  desired: DesiredState,
  snapshot: Snapshot,
  templates: TemplateSet,
): Reading<readonly UnmetPrerequisite[]> {
  const renderer = rendererOf(templates);
  const reading = readTrees(desired, snapshot, renderer);
  if (reading.value === undefined) return reading;
  const trees = reading.value;
  if (trees.own.manifests.length === 0)
    return known([{ what: `${desired.directory} builds nothing`, file: desired.directory }]);
  const { notes, problems } = planOnce(desired, snapshot, trees, renderer);
  return known([
    ...problems.filter(({ severity }) => severity === 'error').map(asUnmet),
    ...notes.map(({ file, what, why }) => ({ file, what: `${readable(what)} (${why})` })),
    ...withoutSidecar(trees.own),
  ]);
}

function asUnmet({
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
  if (what === 'adds a patch') return 'nothing restarts its workloads';
  return what
    .replace(/^adds /, 'there is no ')
    .replace(/^changes (.*)$/, '$1 needs a change for stage enforced');
}

/** Pods that ask to have none: under STRICT their calls to pods with a sidecar are refused.
 *  @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy */
function withoutSidecar(tree: KustomizeTree): readonly UnmetPrerequisite[] {
  return tree.manifests.flatMap((manifest) => {
    const template = podTemplatePath(manifest);
    const refusal =
      template === undefined ? undefined : sidecarRefusal(valueAt(manifest.built, ...template) ?? {});
    if (template === undefined || refusal === undefined) return [];
    const why = refusal === 'hostNetwork' ? 'hostNetwork' : 'sidecar.istio.io/inject: "false"';
    const { file, line } = manifest.locationOf(template);
    return [
      { what: `the pods of ${manifest.kind} ${manifest.builtName} have no sidecar (${why})`, file, line },
    ];
  });
}
