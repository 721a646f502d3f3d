import type { TemplateSet } from '../model/bundle.ts';
import type { NamespaceSpec } from '../model/fleet.ts';
import { objectAt, stringAt, valueAt, type YamlPath } from '../model/json.ts';
import type { KustomizeTree, Manifest } from '../model/manifest.ts';
import type { RepositoryId } from '../model/named.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';
import { planNamespaceFile } from './namespace-file.ts';
import { namespaceWish } from './namespace-wish.ts';
import { planOnce } from './once.ts';
import { readTrees } from './reading.ts';
import { rendererOf } from './templates.ts';

/** The unmet prerequisites of a namespace for stage `enforced`, read from its manifests alone: neither lock nor declared
 *  stage counts. */
export interface Lack {
  readonly what: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

/** Compares a repository with what the spec would be at `enforced`.
 *  @param snapshot  of `repository`; ask again with the files of `needs` read */
export function readiness(
  spec: NamespaceSpec,
  repository: RepositoryId,
  snapshot: Snapshot,
  templates: TemplateSet,
): Reading<readonly Lack[]> {
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
    ...problems.filter(({ severity }) => severity === 'error').map(asLack),
    ...notes.map(({ file, what, why }) => ({ file, what: `${readable(what)} (${why})` })),
  ]);
}

function ownReadiness(
  spec: NamespaceSpec,
  snapshot: Snapshot,
  templates: TemplateSet,
): Reading<readonly Lack[]> {
  const wish = namespaceWish(spec);
  const renderer = rendererOf(templates);
  const reading = readTrees(wish, snapshot, renderer);
  if (reading.value === undefined) return reading;
  const trees = reading.value;
  if (trees.own.manifests.length === 0)
    return known([{ what: `${spec.directory} builds nothing`, file: spec.directory }]);
  const { notes, problems } = planOnce(wish, snapshot, trees, renderer);
  return known([
    ...problems.filter(({ severity }) => severity === 'error').map(asLack),
    ...notes.map(({ file, what, why }) => ({ file, what: `${readable(what)} (${why})` })),
    ...withoutSidecar(trees.own),
  ]);
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
  if (what === 'adds a patch') return 'nothing restarts its workloads';
  return what
    .replace(/^adds /, 'there is no ')
    .replace(/^changes (.*)$/, '$1 needs a change for stage enforced');
}

const templates: Readonly<Record<string, YamlPath>> = {
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

/** Pods that ask to have none: under STRICT their calls to pods with a sidecar are refused.
 *  @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy */
function withoutSidecar(tree: KustomizeTree): readonly Lack[] {
  return tree.manifests.flatMap((manifest) => {
    const template = templates[manifest.kind];
    if (template === undefined) return [];
    const why = leavesOut(manifest, template);
    if (why === undefined) return [];
    const { file, line } = manifest.placeOf(template);
    return [
      { what: `the pods of ${manifest.kind} ${manifest.builtName} have no sidecar (${why})`, file, line },
    ];
  });
}

function leavesOut({ built }: Manifest, template: YamlPath): string | undefined {
  if (valueAt(built, ...template, 'spec', 'hostNetwork') === true) return 'hostNetwork';
  const label = stringAt(built, ...template, 'metadata', 'labels', 'sidecar.istio.io/inject');
  const annotation = objectAt(built, ...template, 'metadata', 'annotations')['sidecar.istio.io/inject'];
  return label === 'false' || (label === undefined && annotation === 'false')
    ? 'sidecar.istio.io/inject: "false"'
    : undefined;
}
