import type { ObjectChange } from '../model/bundle.ts';
import { isObject, type JsonObject, type JsonValue } from '../model/json.ts';

/** First what lets refused calls through, last what replaces pods: explicit mTLS must be gone before a sidecar is. */
const order = [
  'PeerAuthentication',
  'AuthorizationPolicy',
  'Sidecar',
  'DestinationRule',
  'VirtualService',
  'ServiceEntry',
  'Gateway',
  'Namespace',
];
const workloads = ['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout', 'HelmRelease'];

/** A shell script that does with kubectl what the pull requests do, with Flux held off meanwhile.
 *  @param changes  of all objects; what no emergency needs is left out */
export function emergencyScript(changes: readonly ObjectChange[]): string {
  const urgent = changes
    .filter(
      ({ kind, group }) => group.endsWith('istio.io') || kind === 'Namespace' || workloads.includes(kind),
    )
    .map((change) => ({ change, rank: rankOf(change.kind) }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ change }) => change);
  if (urgent.length === 0) return '';
  const owned = urgent.filter(({ before }) => before !== undefined);
  return [
    '# For an emergency. Needs kubectl and flux with the cluster as their context.',
    'set -eu',
    '',
    '# 1. Hold Flux off, or it puts everything back. Each object says which Kustomization applies it.',
    'owner() {',
    '  kubectl get "$@" --output jsonpath=\'{.metadata.labels.kustomize\\.toolkit\\.fluxcd\\.io/name} {.metadata.labels.kustomize\\.toolkit\\.fluxcd\\.io/namespace}{"\\n"}\'',
    '}',
    '{',
    ...owned.map((change) => `  owner ${referTo(change)}`),
    '} | sort -u | while read -r name namespace; do',
    '  flux suspend kustomization "$name" --namespace "$namespace"',
    'done',
    '',
    '# 2. The changes of the pull requests, in the order in which they are safe.',
    ...urgent.map(commandOf),
    '',
    '# 3. Merge the pull requests. Only then let Flux go on, for each name and namespace suspended above:',
    '#    flux resume kustomization NAME --namespace NAMESPACE',
    '',
  ].join('\n');
}

function rankOf(kind: string): number {
  const rank = order.indexOf(kind);
  return rank < 0 ? order.length : rank;
}

/** `peerauthentication.security.istio.io default --namespace shop` */
function referTo({ group, kind, namespace, name }: ObjectChange): string {
  const type = group === '' ? kind.toLowerCase() : `${kind.toLowerCase()}.${group}`;
  return `${type} ${quoted(name)}${namespace === undefined ? '' : ` --namespace ${quoted(namespace)}`}`;
}

function commandOf(change: ObjectChange): string {
  const { before, after } = change;
  if (after === undefined) return `kubectl delete ${referTo(change)} --ignore-not-found`;
  if (before === undefined)
    return `printf '%s' ${quoted(JSON.stringify(after))} | kubectl apply --filename -`;
  return `kubectl patch ${referTo(change)} --type merge --patch ${quoted(JSON.stringify(mergePatch(before, after)))}`;
}

/** @see https://www.rfc-editor.org/rfc/rfc7386 */
function mergePatch(before: JsonObject, after: JsonObject): JsonObject {
  const patch: Record<string, JsonValue> = {};
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    const was = before[key];
    if (JSON.stringify(was) === JSON.stringify(value)) continue;
    patch[key] = isObject(was) && isObject(value) ? mergePatch(was, value) : value;
  }
  return patch;
}

/** One word for a POSIX shell, whatever it holds. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_./:-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
