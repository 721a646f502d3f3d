import { postRendered } from '../kustomize/post-render.ts';
import { isClusterScoped } from '../kustomize/transform.ts';
import { isObject, listAt, objectAt, stringAt, type JsonObject } from '../model/json.ts';
import { groupOf, type Manifest } from '../model/manifest.ts';
import { readYaml } from '../yaml/read.ts';
import type { HelmRelease } from './helm-release.ts';

/** What a release brings, as helm-controller applies it, or why it does not. */
export type RenderedObjects =
  | { readonly manifests: readonly Manifest[]; readonly why?: never }
  | { readonly manifests?: never; readonly why: string };

/** One object of a chart. */
interface Piece {
  readonly object: JsonObject;
  /** From the chart's `crds/`, which are not templates: applied first, and as they are. */
  readonly isCrd: boolean;
}

/** Reads what `helm template` prints, and does what helm-controller does with it: post-renderers in their order, common
 *  metadata, its own labels, and the release's namespace where an object of a namespace says none. Hooks that only run when a
 *  release is removed, rolled back or tested are no part of what is installed.
 *  @param isOfCluster  whether objects of a kind that a definition in Git describes live in no namespace
 *  @see https://fluxcd.io/flux/components/helm/helmreleases/#post-renderers */
export function renderedObjects(
  text: string,
  release: HelmRelease,
  isOfCluster: (group: string, kind: string) => boolean | undefined,
): RenderedObjects {
  const pieces = piecesOf(text);
  if (typeof pieces === 'string') return { why: pieces };
  const crds = pieces.filter(({ isCrd }) => isCrd).map(({ object }) => object);
  const objects = pieces.filter(({ isCrd }) => !isCrd).map(({ object }) => object);
  const result = afterPostRenderers(objects, release);
  if (typeof result === 'string') return { why: result };
  const common = objectAt(release.spec, 'commonMetadata');
  const own = {
    labels: {
      'helm.toolkit.fluxcd.io/name': release.name,
      'helm.toolkit.fluxcd.io/namespace': release.namespace,
    },
  };
  const labelled = [
    ...crds.map((object) => withMetadata(object, own)),
    ...result.filter(isInstalled).map((object) => withMetadata(withMetadata(object, common), own)),
  ];
  return { manifests: labelled.map((object) => manifestOf(placed(object, release, isOfCluster), release)) };
}

/** Each document of Helm's begins with the file it comes from. */
function piecesOf(text: string): readonly Piece[] | string {
  const pieces: Piece[] = [];
  for (const part of text.split(/^(?=---\n# Source: )/m)) {
    const read = readYaml(part, '');
    if (!read.ok) return `what it renders is not YAML: ${read.problems[0]?.message ?? ''}`;
    const isCrd = /^---\n# Source: [^\n]*?\/crds\//.test(part);
    for (const { value } of read.value.documents)
      if (isObject(value)) pieces.push(...itemsOf(value).map((object) => ({ object, isCrd })));
  }
  return pieces;
}

function itemsOf(value: JsonObject): readonly JsonObject[] {
  const isOne = !stringAt(value, 'kind')?.endsWith('List') || value.items === undefined;
  return isOne ? [value] : listAt(value, 'items').filter(isObject);
}

/** @returns a text: why one of them refuses */
function afterPostRenderers(
  objects: readonly JsonObject[],
  { spec }: HelmRelease,
): readonly JsonObject[] | string {
  const strategy = stringAt(spec, 'postRenderStrategy') ?? 'combined';
  const all = (some: readonly JsonObject[]): readonly JsonObject[] | string => {
    let left = some;
    for (const renderer of listAt(spec, 'postRenderers')) {
      const result = postRendered(left, objectAt(renderer, 'kustomize'));
      if (result.objects === undefined) return `its post-renderer refuses: ${result.why}`;
      left = result.objects;
    }
    return left;
  };
  if (strategy === 'combined') return all(objects);
  const rest = all(objects.filter((object) => hooksOf(object).length === 0));
  const hooks = objects.filter((object) => hooksOf(object).length > 0);
  const done = strategy === 'separate' ? all(hooks) : hooks;
  if (typeof rest === 'string' || typeof done === 'string') return typeof rest === 'string' ? rest : done;
  return [...rest, ...done];
}

function hooksOf(object: JsonObject): readonly string[] {
  const text = stringAt(object, 'metadata', 'annotations', 'helm.sh/hook') ?? '';
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function isInstalled(object: JsonObject): boolean {
  const hooks = hooksOf(object);
  return hooks.length === 0 || hooks.some((hook) => /^(?:pre|post)-(?:install|upgrade)$/.test(hook));
}

function withMetadata(object: JsonObject, more: JsonObject): JsonObject {
  const metadata = objectAt(object, 'metadata');
  const merged = (kind: 'labels' | 'annotations') => ({
    ...objectAt(metadata, kind),
    ...objectAt(more, kind),
  });
  const [labels, annotations] = [merged('labels'), merged('annotations')];
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(Object.keys(labels).length > 0 && { labels }),
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
  };
}

function placed(
  object: JsonObject,
  release: HelmRelease,
  isOfCluster: (group: string, kind: string) => boolean | undefined,
): JsonObject {
  const kind = stringAt(object, 'kind') ?? '';
  const metadata = objectAt(object, 'metadata');
  const said = stringAt(metadata, 'namespace') ?? '';
  if (said !== '' || (isOfCluster(groupOf(stringAt(object, 'apiVersion')), kind) ?? isClusterScoped(kind)))
    return object;
  return { ...object, metadata: { ...metadata, namespace: release.releaseNamespace } };
}

/** Nothing of it is in Git: every place is that of the HelmRelease, and whatever would change it must go through that. */
function manifestOf(object: JsonObject, { manifest: release }: HelmRelease): Manifest {
  const name = stringAt(object, 'metadata', 'name') ?? '';
  return {
    file: release.file,
    document: release.document,
    at: release.at,
    kind: stringAt(object, 'kind') ?? '',
    group: groupOf(stringAt(object, 'apiVersion')),
    written: object,
    built: object,
    name,
    builtName: name,
    builtNamespace: stringAt(object, 'metadata', 'namespace'),
    touches: [{ by: release.locationOf([]), paths: undefined }],
    renderedBy: release,
    locationOf: () => release.locationOf([]),
    rangeOf: () => release.rangeOf([]),
  };
}
