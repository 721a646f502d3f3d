import { isList, isObject, type JsonObject, type JsonValue } from '../model/json.ts';
import { sameValue } from '../model/same-value.ts';
import type { CollectionPath } from './identity.ts';

interface ValueVersions {
  /** undefined: both sides began with nothing. */
  readonly base: JsonValue | undefined;
  readonly ours: JsonValue;
  readonly theirs: JsonValue;
  readonly merged: JsonValue;
}

interface Spot {
  readonly kind?: RegExp;
  readonly path: RegExp;
}

/** Maps whose members limit each other: who × what × when. One side's `who` with the other side's `what` is a grant (or a
 *  selection of pods) that nobody decided.
 *  @see https://istio.io/latest/docs/reference/config/security/authorization-policy/#Rule
 *  @see https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
 *  @see https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/role-v1/ */
const joint: readonly (Spot & { readonly members?: readonly string[] })[] = [
  { kind: /^AuthorizationPolicy$/, path: /^spec\.rules(?:\.from\.source|\.to\.operation|\.when)?$/ },
  { kind: /^AuthorizationPolicy$/, path: /^spec$/, members: ['action', 'rules'] },
  { kind: /^NetworkPolicy$/, path: /^spec\.(?:ingress|egress)(?:\.(?:from|to))?$/ },
  { kind: /^(?:Cluster)?Role$/, path: /^rules$/ },
  { kind: /^(?:Cluster)?RoleBinding$/, path: /^$/, members: ['subjects', 'roleRef'] },
  { path: /(?:^|\.)(?:matchLabels|selector)$/ },
];

/** Lists whose items mean something only together: words of one command, conditions that must all hold. */
const wholeLists: readonly Spot[] = [
  { path: /(?:^|\.)(?:command|args|entrypoint)$/ },
  { kind: /^AuthorizationPolicy$/, path: /^spec\.rules\.when$/ },
  // Their order is a preference.
  { path: /(?:^|\.)(?:cipherSuites|ecdhCurves|alpnProtocols|searches|nameservers)$/ },
];

/** Lists that limit something, and no longer do once they are empty: no ports are all ports, no callers are everybody. */
const limits: readonly Spot[] = [
  { kind: /^AuthorizationPolicy$/, path: /^spec\.rules\./ },
  { kind: /^NetworkPolicy$/, path: /^spec\.(?:ingress|egress)\./ },
  { kind: /^(?:Cluster)?Role$/, path: /^rules\.resourceNames$/ },
  { path: /(?:^|\.)(?:hosts|exportTo|match|matchExpressions|gateways)$/ },
];

/** Members of which an object may have one only, as Kubernetes and Istio validate them. */
const oneOf: readonly (Spot & { readonly members: readonly string[] })[] = [
  {
    path: /(?:Probe|\.postStart|\.preStop)$/,
    members: ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'],
  },
  { path: /(?:^|\.)env$/, members: ['value', 'valueFrom'] },
  {
    path: /(?:^|\.)valueFrom$/,
    members: ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef'],
  },
  { path: /(?:^|\.)envFrom$/, members: ['configMapRef', 'secretRef'] },
  {
    kind: /^VirtualService$/,
    path: /^spec\.http$/,
    members: ['route', 'redirect', 'directResponse', 'delegate'],
  },
  { kind: /^VirtualService$/, path: /\.match\./, members: ['exact', 'prefix', 'regex'] },
  { kind: /^VirtualService$/, path: /\.fault\.abort$/, members: ['httpStatus', 'grpcStatus', 'http2Error'] },
  { kind: /^DestinationRule$/, path: /\.loadBalancer$/, members: ['simple', 'consistentHash'] },
  {
    kind: /^DestinationRule$/,
    path: /\.consistentHash$/,
    members: ['httpHeaderName', 'httpCookie', 'useSourceIp', 'httpQueryParameterName'],
  },
  { kind: /^DestinationRule$/, path: /\.consistentHash$/, members: ['ringHash', 'maglev'] },
  { kind: /^RequestAuthentication$/, path: /^spec\.jwtRules$/, members: ['jwks', 'jwksUri'] },
  {
    kind: /^(?:AuthorizationPolicy|RequestAuthentication|Telemetry|WasmPlugin)$/,
    path: /^spec$/,
    members: ['selector', 'targetRefs', 'targetRef'],
  },
  { kind: /^Ingress$/, path: /(?:^|\.)(?:backend|defaultBackend)$/, members: ['service', 'resource'] },
  { kind: /^Ingress$/, path: /\.service\.port$/, members: ['name', 'number'] },
  { kind: /^PodDisruptionBudget$/, path: /^spec$/, members: ['minAvailable', 'maxUnavailable'] },
  {
    kind: /^HorizontalPodAutoscaler$/,
    path: /^spec\.metrics$/,
    members: ['resource', 'containerResource', 'pods', 'object', 'external'],
  },
  {
    kind: /^HorizontalPodAutoscaler$/,
    path: /\.target$/,
    members: ['averageUtilization', 'averageValue', 'value'],
  },
  { kind: /^(?:Kustomization|Component|)$/, path: /^patches$/, members: ['path', 'patch'] },
];

/** Maps that hold anything under any name. */
const free = /(?:^|\.)(?:labels|annotations|data|stringData|binaryData|nodeSelector|environment)$/;

/** Whether a map limits something by all of its members together, so that some of them alone would limit less. */
export function isJoint(place: CollectionPath): boolean {
  return joint.some((spot) => spot.members === undefined && isAt(spot, place));
}

/** Whether what both sides made of a map or list must not be put together member by member: the result would be invalid,
 *  or would grant, select or run what neither side wrote. */
export function mustStayWhole(place: CollectionPath, versions: ValueVersions): boolean {
  const { ours, theirs, merged } = versions;
  if (sameValue(merged, ours) || sameValue(merged, theirs)) return false;
  if (isList(merged)) return isOneSentence(place, versions) || isEmptied(place, merged);
  return (
    isObject(ours) &&
    isObject(theirs) &&
    isObject(merged) &&
    (isMixed(place, versions.base, ours, theirs) ||
      excludes(place, merged, ours) ||
      isReplacedTwice(place, versions.base, ours, theirs))
  );
}

function isAt({ kind, path }: Spot, place: CollectionPath): boolean {
  return (kind?.test(place.kind) ?? true) && path.test(pathOf(place));
}

function pathOf({ path }: CollectionPath): string {
  return path.filter((step) => typeof step === 'string').join('.');
}

/** Whether the items of a list may mean something only together. */
export function isWholeList(place: CollectionPath): boolean {
  return wholeLists.some((spot) => isAt(spot, place));
}

function isOneSentence(place: CollectionPath, { base, ours, theirs }: ValueVersions): boolean {
  if (!isWholeList(place)) return false;
  const items = [base ?? [], ours, theirs].flatMap((side) => (isList(side) ? side : []));
  // Options that each say all of it (`--port=80`) can come and go one by one.
  return !items.every((item) => typeof item === 'string' && item.startsWith('-'));
}

/** Each side took other items away, and none is left. */
function isEmptied(place: CollectionPath, merged: readonly JsonValue[]): boolean {
  return merged.length === 0 && limits.some((spot) => isAt(spot, place));
}

function isMixed(
  place: CollectionPath,
  base: JsonValue | undefined,
  ours: JsonObject,
  theirs: JsonObject,
): boolean {
  const spot = joint.find((each) => isAt(each, place));
  if (spot === undefined) return false;
  const before = isObject(base) ? base : {};
  const changedIn = (side: JsonObject) =>
    [...new Set([...Object.keys(before), ...Object.keys(ours), ...Object.keys(theirs)])].filter(
      (key) =>
        spot.members?.includes(key) !== false &&
        !sameValue(member(side, key), member(before, key)) &&
        !sameValue(member(ours, key), member(theirs, key)),
    );
  const [mine, other] = [changedIn(ours), changedIn(theirs)];
  if (mine.length === 0 || other.length === 0) return false;
  return !(mine.length === 1 && other.length === 1 && mine[0] === other[0]);
}

/** Whether members come together that exclude each other, as in neither side alone. */
function excludes(place: CollectionPath, merged: JsonObject, ours: JsonObject): boolean {
  const has = (value: JsonObject, members: readonly string[]) =>
    members.filter((key) => Object.hasOwn(value, key)).length;
  const isVolume = /(?:^|\.)volumes$/.test(pathOf(place));
  const sources = isVolume ? Object.keys(merged).filter((key) => key !== 'name') : [];
  const lists = oneOf.filter((spot) => isAt(spot, place)).map(({ members }) => members);
  if ([...lists, sources].some((members) => has(merged, members) > Math.max(1, has(ours, members))))
    return true;
  const isStrategy = /[sS]trategy$/.test(pathOf(place));
  const isOdd = ({ type, rollingUpdate }: JsonObject) =>
    typeof type === 'string' && type !== 'RollingUpdate' && isObject(rollingUpdate);
  return isStrategy && isOdd(merged) && !isOdd(ours);
}

/** Both sides threw away all that was there and wrote something else: one choice, made twice. */
function isReplacedTwice(
  place: CollectionPath,
  base: JsonValue | undefined,
  ours: JsonObject,
  theirs: JsonObject,
): boolean {
  if (!isObject(base) || free.test(pathOf(place))) return false;
  const keys = Object.keys(base);
  const [mine, other] = [Object.keys(ours), Object.keys(theirs)];
  const isGone = keys.every((key) => !Object.hasOwn(ours, key) && !Object.hasOwn(theirs, key));
  const isApart = mine.every((key) => !Object.hasOwn(theirs, key));
  return isGone && isApart && [keys, mine, other].every(({ length }) => length > 0);
}

function member(value: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
