import { isList, isObject, listAt, stringAt, type JsonObject, type JsonValue } from '../model/json.ts';
import type { RepoPath } from '../model/named.ts';
import { readTree } from './read-tree.ts';

/** Objects as a post-renderer leaves them, or why kustomize refuses. */
export type PostRendered =
  | { readonly objects: readonly JsonObject[]; readonly why?: never }
  | { readonly objects?: never; readonly why: string };

const input = 'helm-output.yaml' as RepoPath;
const file = 'kustomization.yaml' as RepoPath;

/** Applies one post-renderer of a HelmRelease as helm-controller does: a kustomization of the rendered objects with patches
 *  and images, and nothing else.
 *  @param kustomize  `patches` and `images`
 *  @see https://github.com/fluxcd/helm-controller/blob/main/internal/postrender/kustomize.go */
export function postRendered(objects: readonly JsonObject[], kustomize: JsonObject): PostRendered {
  if (objects.length === 0) return { objects };
  const patches = listAt(kustomize, 'patches').map((entry) => {
    const patch = stringAt(entry, 'patch') ?? '';
    return isObject(entry) && isObject(entry.target) ? { patch, target: entry.target } : { patch };
  });
  const files = new Map<RepoPath, string>([
    [input, objects.map((object) => JSON.stringify(object)).join('\n---\n')],
    [file, JSON.stringify({ resources: [input], ...(patches.length > 0 && { patches }) })],
  ]);
  const snapshot = {
    paths: new Set(files.keys()),
    links: new Set<RepoPath>(),
    files,
    unreadable: new Set<RepoPath>(),
  };
  const { value: tree } = readTree(snapshot, '' as RepoPath);
  if (tree === undefined) throw new Error('a kustomization of two files asks for others');
  const refused = tree.problems.find(({ severity }) => severity === 'error');
  if (refused !== undefined) return { why: refused.message };
  const images = listAt(kustomize, 'images').filter(isObject);
  return { objects: tree.manifests.map(({ built }) => withImages(built, images)) };
}

/** Sets the images of all containers, wherever an object has some.
 *  @see https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/ */
function withImages(object: JsonObject, images: readonly JsonObject[]): JsonObject {
  return images.length === 0 ? object : (visited(object, images) as JsonObject);
}

function visited(value: JsonValue, images: readonly JsonObject[]): JsonValue {
  if (isList(value)) return value.map((each) => visited(each, images));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      (key === 'containers' || key === 'initContainers') && isList(member)
        ? member.map((each) => container(each, images))
        : visited(member, images),
    ]),
  );
}

function container(value: JsonValue, images: readonly JsonObject[]): JsonValue {
  if (!isObject(value) || typeof value.image !== 'string') return value;
  const image = images.reduce<string>(renamed, value.image);
  return image === value.image ? value : { ...value, image };
}

function renamed(image: string, entry: JsonObject): string {
  const { name, tag, digest } = partsOf(image);
  if (name !== stringAt(entry, 'name')) return image;
  const said = (key: string) => {
    const text = stringAt(entry, key);
    return text === '' ? undefined : text;
  };
  const [newName, newTag, newDigest] = ['newName', 'newTag', 'digest'].map(said);
  const now = newName ?? name;
  if (newDigest !== undefined) return `${now}${newTag === undefined ? '' : `:${newTag}`}@${newDigest}`;
  if (newTag !== undefined) return `${now}:${newTag}`;
  return `${now}${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`;
}

/** `registry:5000/app:1@sha256:…`: a colon before the last slash is a port's. */
function partsOf(image: string): { readonly name: string; readonly tag: string; readonly digest: string } {
  const [whole = '', digest = ''] = image.split('@', 2);
  const colon = whole.indexOf(':', whole.lastIndexOf('/') + 1);
  return colon < 0
    ? { name: whole, tag: '', digest }
    : { name: whole.slice(0, colon), tag: whole.slice(colon + 1), digest };
}
