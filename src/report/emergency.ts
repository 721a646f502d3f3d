import type { ObjectChange } from '../model/bundle.ts';
import { isKind, isLabelName, isSubdomain } from '../model/kubernetes-name.ts';
import { mergePatchBetween } from '../model/merge-patch.ts';
import type { Problem } from '../model/problem.ts';
import { shellCommand, visibleJson } from '../model/shell.ts';

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
const others = new Set([
  '/Namespace',
  'apps/Deployment',
  'apps/StatefulSet',
  'apps/DaemonSet',
  'argoproj.io/Rollout',
  'helm.toolkit.fluxcd.io/HelmRelease',
]);

/** A shell script that does with kubectl what the pull requests do, with Flux held off meanwhile.
 *  @param changes  of all objects; what no emergency needs is left out
 *  @returns the script, empty when there is nothing to do. Problems `emergency-name`: an object that no cluster can hold is
 *  left out of the script; for one whose name only the cluster knows there is no script, since what follows relies on it */
export function emergencyScript(changes: readonly ObjectChange[]): {
  readonly script: string;
  readonly problems: readonly Problem[];
} {
  const urgent = changes.filter(isUrgent);
  const problems = urgent.flatMap((change) => nameProblem(change) ?? []);
  const named = urgent
    .filter((change) => nameProblem(change) === undefined)
    .map((change) => ({ change, rank: rankOf(change.kind) }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ change }) => change);
  if (named.length === 0 || urgent.some(isNamedByFlux)) return { script: '', problems };
  const script = [
    '# For an emergency. Needs kubectl and flux with the cluster as their context.',
    'set -eu',
    '',
    '# 1. Suspend Flux, or it reverts everything. Each object names the Kustomization that applies it.',
    "owners=''",
    'owner() {',
    '  owners="$owners$(kubectl get --ignore-not-found --output \'jsonpath={.metadata.labels.kustomize\\.toolkit\\.fluxcd\\.io/name} {.metadata.labels.kustomize\\.toolkit\\.fluxcd\\.io/namespace}\' "$@")',
    '"',
    '}',
    ...named
      .filter(({ before }) => before !== undefined)
      .map((each) => shellCommand('owner', ...refer(each))),
    'printf \'%s\' "$owners" | sort -u | while read -r name namespace; do',
    '  [ -z "$namespace" ] || flux suspend kustomization --namespace "$namespace" -- "$name" </dev/null',
    'done',
    '',
    '# 2. The changes of the pull requests, in a safe order.',
    ...named.map(commandOf),
    '',
    '# 3. Merge the pull requests. Only then resume Flux, for each name and namespace suspended above:',
    '#    flux resume kustomization --namespace NAMESPACE -- NAME',
    '',
  ].join('\n');
  return { script, problems };
}

function isUrgent({ group, kind }: ObjectChange): boolean {
  return group === 'istio.io' || group.endsWith('.istio.io') || others.has(`${group}/${kind}`);
}

function rankOf(kind: string): number {
  const rank = order.indexOf(kind);
  return rank < 0 ? order.length : rank;
}

/** What a repository calls an object goes into a shell only as what Kubernetes takes for a name. */
function nameProblem(change: ObjectChange): Problem | undefined {
  const { group, kind, namespace, name, place } = change;
  const isName = kind === 'Namespace' ? isLabelName(name) : isSubdomain(name);
  const isKnown =
    isName &&
    isKind(kind) &&
    (group === '' || isSubdomain(group)) &&
    (namespace === undefined || isLabelName(namespace));
  if (isKnown) return undefined;
  const what = `${kind}${group === '' ? '' : ` of ${group}`} "${name}"${namespace === undefined ? '' : ` in "${namespace}"`}`;
  return isNamedByFlux(change)
    ? {
        rule: 'emergency-name',
        severity: 'error',
        message: `${what} gets its name from a variable that Flux substitutes, so no command can be printed for it. Without it the other commands are not safe.`,
        fix: 'Merge the pull requests, or change the objects on the cluster by hand.',
        ...place,
      }
    : {
        rule: 'emergency-name',
        severity: 'error',
        message: `Kubernetes does not accept the name of ${what}, so no cluster has it. The commands leave it out.`,
        fix: 'Correct or remove the manifest: Flux refuses it, and everything else in the same Kustomization.',
        ...place,
      };
}

function isNamedByFlux({ name, namespace = '' }: ObjectChange): boolean {
  return `${name}/${namespace}`.includes('${');
}

/** `--namespace shop -- peerauthentication.security.istio.io default` */
function refer({ group, kind, namespace, name }: ObjectChange): readonly string[] {
  const type = group === '' ? kind.toLowerCase() : `${kind.toLowerCase()}.${group}`;
  return [...(namespace === undefined ? [] : ['--namespace', namespace]), '--', type, name];
}

function commandOf(change: ObjectChange): string {
  const { before, after } = change;
  if (after === undefined) return shellCommand('kubectl', 'delete', '--ignore-not-found', ...refer(change));
  if (before === undefined)
    return `${shellCommand('printf', '%s', visibleJson(after))} | kubectl apply --filename -`;
  const patch = visibleJson(mergePatchBetween(before, after));
  return shellCommand('kubectl', 'patch', '--type', 'merge', '--patch', patch, ...refer(change));
}
