import { transportOf } from '../k8s/container-port.ts';
import { isList, isObject, stringAt, valueAt, type JsonValue, type YamlPath } from '../model/json.ts';
import { groupOf } from '../model/manifest.ts';
import type { Similarity } from './match.ts';

/** Where a map or list stands: the kind of its object and the keys that lead to it, list indexes left out. */
export interface CollectionPath {
  readonly group: string;
  readonly kind: string;
  readonly path: YamlPath;
}

type KeyOf = (item: JsonValue) => string | undefined;

/** A key of some members together; undefined when the first is missing. */
const by =
  (...members: readonly (readonly string[])[]): KeyOf =>
  (item) => {
    const values = members.map((path) => valueAt(item, ...path));
    return values[0] === undefined ? undefined : JSON.stringify(values.map((value) => value ?? null));
  };

/** A number of a port and its transport, which is TCP where nothing says. */
const portBy =
  (member: string): KeyOf =>
  (item) => {
    const number = valueAt(item, member);
    return number === undefined ? undefined : JSON.stringify([number, transportOf(item)]);
  };

const firstOf =
  (...keys: readonly KeyOf[]): KeyOf =>
  (item) => {
    for (const [index, key] of keys.entries()) {
      const found = key(item);
      if (found !== undefined) return `${String(index)}${found}`;
    }
    return undefined;
  };

/** What tells the elements of a list apart, by the last keys of the list's path. Kubernetes gives its lists merge keys
 *  (https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/#merge-strategy-for-fields); Istio's
 *  come from what its reference says must be unique. */
const known: readonly { readonly kind?: RegExp; readonly path: RegExp; readonly key: KeyOf }[] = [
  { kind: /^Service$/, path: /^spec\.ports$/, key: portBy('port') },
  { kind: /^ServiceEntry$/, path: /^spec\.ports$/, key: by(['number']) },
  { kind: /^ServiceEntry$/, path: /^spec\.endpoints$/, key: by(['address']) },
  { kind: /^Gateway$/, path: /^spec\.servers$/, key: firstOf(by(['port', 'name']), by(['port', 'number'])) },
  {
    kind: /^Sidecar$/,
    path: /^spec\.(?:egress|ingress)$/,
    key: (item) => JSON.stringify([valueAt(item, 'port') ?? null, valueAt(item, 'bind') ?? null]),
  },
  { kind: /^DestinationRule$/, path: /portLevelSettings$/, key: by(['port', 'number']) },
  {
    kind: /^VirtualService$/,
    path: /^spec\.(?:http|tls|tcp)$/,
    key: firstOf(by(['name']), by(['match'])),
  },
  {
    kind: /^VirtualService$/,
    path: /\.route$/,
    key: by(['destination', 'host'], ['destination', 'subset'], ['destination', 'port', 'number']),
  },
  { path: /(?:^|\.)(?:containers|initContainers|ephemeralContainers|volumes|env)$/, key: by(['name']) },
  {
    path: /[cC]ontainers\.ports$/,
    key: portBy('containerPort'),
  },
  { path: /volumeMounts$/, key: by(['mountPath']) },
  // Flux: https://pkg.go.dev/github.com/fluxcd/pkg/apis/meta#DependencyReference
  { kind: /^(?:Kustomization|HelmRelease)$/, path: /^spec\.dependsOn$/, key: by(['name'], ['namespace']) },
  { path: /(?:^|\.)hostAliases$/, key: by(['ip']) },
  { path: /(?:^|\.)ownerReferences$/, key: by(['uid']) },
  {
    kind: /^(?:Kustomization|Component|)$/,
    path: /^(?:patches|patchesJson6902)$/,
    key: firstOf(by(['path'], ['target']), by(['target'])),
  },
  {
    kind: /^(?:Kustomization|Component|)$/,
    path: /^(?:images|configMapGenerator|secretGenerator|replicas)$/,
    key: by(['name']),
  },
  { kind: /^List$/, path: /^items$/, key: manifestIdentity },
  { kind: /^Ingress$/, path: /\.http\.paths$/, key: by(['path'], ['pathType']) },
];

/** A key for each element of a list, or undefined for those that only similarity can match. Scalars are their own keys.
 *  Several elements may have the same one. */
export function keysIn(place: CollectionPath, items: readonly JsonValue[]): readonly (string | undefined)[] {
  const path = place.path.filter((step) => typeof step === 'string').join('.');
  const entry = known.find((each) => each.path.test(path) && (each.kind?.test(place.kind) ?? true));
  return items.map((item) => {
    if (!isObject(item)) return isList(item) ? undefined : `scalar ${scalarKey(item, path)}`;
    return (entry?.key ?? usualKey)(item);
  });
}

/** Lists whose plain values are a set: each is there or not, for itself. */
const sets =
  /(?:^|\.)(?:resources|components|bases|crds|hosts|exportTo|gateways|subnets|finalizers|verbs|apiGroups|resourceNames|nonResourceURLs|accessModes|policyTypes|dnsNames|ipAddresses|loadBalancerSourceRanges|externalIPs|add|drop|values|(?:not)?(?:[pP]rincipals|[rR]equestPrincipals|[nN]amespaces|[iI]pBlocks|[rR]emoteIpBlocks|[hH]osts|[pP]orts|[mM]ethods|[pP]aths)|serviceAccounts|notServiceAccounts)$/;

/** Whether nothing but what it holds identifies an element of a list, so that it may be another version of any. What limits
 *  who may do what is not: there, another caller is another element. */
export function isKnownByContent(place: CollectionPath, item: JsonValue): boolean {
  if (similarityIn(place).essential !== undefined) return false;
  if (!isObject(item) && !isList(item)) {
    const path = place.path.filter((step) => typeof step === 'string').join('.');
    return !sets.test(path);
  }
  return keysIn(place, [item])[0] === undefined;
}

/** How alike elements of a list must be to be the same one. A rule for other callers is another rule: what people allowed
 *  one caller must not pass to the next. */
export function similarityIn({ kind, path }: CollectionPath): Similarity {
  const list = path.filter((step) => typeof step === 'string').join('.');
  const isRules =
    (kind === 'AuthorizationPolicy' && list === 'spec.rules') ||
    (kind === 'NetworkPolicy' && /^spec\.(?:ingress|egress)$/.test(list));
  return {
    threshold: 0.5,
    renamed: 0.7,
    isFixed: (value) => reference(value) !== undefined,
    ...(isRules && { essential: (leaf: string) => /^\.(?:from|to\[\]\.(?!operation))/.test(leaf) }),
  };
}

/** kustomize reads `./a.yaml` and `a.yaml` alike; `A=1` and `A=2`, `--port=80` and `--port=81` set one thing twice. */
function scalarKey(item: JsonValue, path: string): string {
  if (typeof item !== 'string') return JSON.stringify(item);
  if (/^(?:resources|components|bases|crds)$/.test(path))
    return JSON.stringify(item.replace(/^(?:\.\/)+/, '').replace(/\/$/, ''));
  const [, name] = /^(-{0,2}[A-Za-z_][\w./-]{0,252}=)/.exec(item) ?? [];
  return JSON.stringify(name ?? item);
}

/** A reference names another object: all that names it together is what it is. A subject of a RoleBinding with another
 *  name or in another namespace is another subject.
 *  @see https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/role-binding-v1/ */
const reference: KeyOf = (item) => {
  const [kind, name] = [stringAt(item, 'kind'), stringAt(item, 'name')];
  if (kind === undefined || name === undefined) return undefined;
  const rest = ['namespace', 'sectionName', 'port', 'valuesKey', 'targetPath'];
  return JSON.stringify([kind, name, ...rest.map((member) => valueAt(item, member) ?? null)]);
};

const usualKey: KeyOf = firstOf(
  manifestIdentity,
  reference,
  by(['name']),
  by(['id']),
  by(['key']),
  by(['path']),
  by(['host']),
);

/** Group, kind, namespace and name of a Kubernetes object; the version may change. */
export function manifestIdentity(value: JsonValue): string | undefined {
  const kind = stringAt(value, 'kind');
  const name = stringAt(value, 'metadata', 'name');
  if (kind === undefined) return undefined;
  if (name === undefined) return kind === 'Kustomization' || kind === 'Component' ? kind : undefined;
  return JSON.stringify([
    groupOf(stringAt(value, 'apiVersion')),
    kind,
    stringAt(value, 'metadata', 'namespace') ?? '',
    name,
  ]);
}
